using AlexNetMl.Runtimes;

// One step of runtimes.sh: `make FOLDER` exports the networks and runs them in C#, `table FOLDER` compares what the runtimes wrote.
switch (args)
{
    case ["make", var folder]:
        Directory.CreateDirectory(folder);
        foreach (ComparedNetwork network in ComparedNetwork.All)
            network.Make(folder);
        return 0;
    case ["table", var folder]:
        return AgreementTable.Print(folder, Console.Out) ? 0 : 1;
    default:
        Console.Error.WriteLine("usage: make FOLDER | table FOLDER (runtimes.sh runs both and the other runtimes in between)");
        return 2;
}
