using Microsoft.ML;
using Microsoft.ML.Runtime;

namespace AlexNetMl.Stacks.Tests.ML;

[TestClass]
public sealed class LogTests
{
    [TestMethod]
    public void Messages_of_a_channel_reach_the_log_with_kind_and_source()
    {
        var ml = new MLContext();
        var log = new List<LoggingEventArgs>();
        ml.Log += (sender, message) =>
        {
            Assert.AreSame(ml, sender);
            log.Add(message);
        };
        IHostEnvironment environment = ml;
        using (IChannel channel = environment.Register("Scorer").Start("Loading"))
        {
            channel.Info(MessageSensitivity.None, "provider: CPU");
            channel.Warning(MessageSensitivity.Unknown, "{0} of {1}", 3, 4);
            channel.Error(MessageSensitivity.None, "a {brace} stays as it is");
        }
        LoggingEventArgs[] said = log.Where(message => message.Kind != ChannelMessageKind.Trace).ToArray();
        Assert.HasCount(3, said);
        Assert.AreEqual("provider: CPU", said[0].RawMessage);
        Assert.AreEqual("Scorer; Loading", said[0].Source);
        Assert.AreEqual(ChannelMessageKind.Info, said[0].Kind);
        Assert.AreEqual("[Source=Scorer; Loading, Kind=Info] provider: CPU", said[0].Message);
        Assert.AreEqual("3 of 4", said[1].RawMessage);
        Assert.AreEqual(ChannelMessageKind.Warning, said[1].Kind);
        Assert.AreEqual("a {brace} stays as it is", said[2].RawMessage);
        Assert.IsTrue(log.Any(message => message.Kind == ChannelMessageKind.Trace), "channels tell when they start and end");
    }

    [TestMethod]
    public void Nobody_need_listen()
    {
        IHostEnvironment environment = new MLContext(1);
        using IChannel channel = environment.Start("Quiet");
        channel.Trace(MessageSensitivity.None, "unheard");
        using IProgressChannel progress = environment.StartProgressChannel("Quiet");
        progress.SetHeader(new ProgressHeader("rows"), entry => entry.SetProgress(0, 1, 2));
        progress.Checkpoint(1);
    }

    [TestMethod]
    public void Exceptions_are_marked_with_their_place()
    {
        IHostEnvironment environment = new MLContext();
        using IChannel channel = environment.Register("Scorer").Start("Loading");
        var error = new InvalidOperationException("no");
        Assert.AreSame(error, channel.Process(error));
        Assert.AreEqual("Scorer", error.Data["Throwing component"]);
    }

    [TestMethod]
    public void Seeds_make_random_numbers_repeat()
    {
        static int Draw(int? seed, int? own) => ((IHostEnvironment)new MLContext(seed)).Register("Dropout", own).Rand.Next();
        Assert.AreEqual(Draw(5, null), Draw(5, null));
        Assert.AreEqual(Draw(null, 9), Draw(6, 9));
        Assert.AreNotEqual(Draw(5, null), Draw(6, null));
    }

    [TestMethod]
    public void Settings_of_the_context_are_kept()
    {
        var ml = new MLContext { GpuDeviceId = 1, FallbackToCpu = true };
        Assert.AreEqual(1, ml.GpuDeviceId);
        Assert.IsTrue(ml.FallbackToCpu);
        Assert.IsNull(new MLContext().GpuDeviceId);
    }
}
