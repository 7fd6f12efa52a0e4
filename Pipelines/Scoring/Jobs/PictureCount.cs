namespace AlexNetMl.Scoring;

/// <summary>Counts a list on a thread of its own, while its pictures are scored.</summary>
internal sealed class PictureCount : IDisposable
{
    private volatile bool _stopped;
    private long _total = -1;

    public PictureCount(PictureList list)
    {
        new Thread(() => Count(list)) { IsBackground = true, Name = "AlexNetMl count" }.Start();
    }

    /// <summary>Null while the end has not been reached.</summary>
    public long? Total => Interlocked.Read(ref _total) is >= 0 and var total ? total : null;

    public void Dispose() => _stopped = true;

    private void Count(PictureList list)
    {
        try
        {
            long rows = 0;
            foreach (ListedPicture _ in list.Read())
            {
                if (_stopped)
                {
                    return;
                }

                rows++;
            }

            Interlocked.Exchange(ref _total, rows);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            // The job itself reads the same list and says so.
        }
    }
}
