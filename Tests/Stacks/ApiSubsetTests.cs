using System.Reflection;
using AlexNetMl.Stacks.Tests.Api;

namespace AlexNetMl.Stacks.Tests;

/// <summary>
/// The Local stack's stand-ins have no public member that the real packages lack: everything that they show is looked up in the
/// packages' own signatures.
/// </summary>
[TestClass]
public sealed class ApiSubsetTests
{
    [TestMethod]
    [DataRow("Microsoft.ML", 40)]
    [DataRow("Microsoft.ML.ImageAnalytics", 10)]
    [DataRow("Microsoft.ML.OnnxTransformer", 4)]
    public void Stand_in_shows_only_what_the_real_package_has(string assemblyName, int leastTypes)
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, assemblyName + ".dll"))) Assert.Inconclusive($"{assemblyName} is not among this build's assemblies.");
        StandIn.Check(Assembly.Load(assemblyName), "microsoft.ml-*.txt", leastTypes);
    }

    [TestMethod]
    public void Every_kind_of_member_is_recognised()
    {
        var listing = Listing("""
            abstract class AlexNetMl.Stacks.Tests::ApiSubsetTests.Sample<T> : IDisposable
              protected ctor(string name)
              static long Count
              (int,string)? Pair {get;set;}
              T this[params long[] indices] {get;}
              protected virtual void Dispose(bool disposing)
              void Dispose()
              static ValueTuple<T,U>[] Mix<U>(ref T first, out U second, double rate=0.001, DayOfWeek day=3, string text="a", long[,] grid=null)
              static ApiSubsetTests.Sample<T> op_Addition(ApiSubsetTests.Sample<T> left, Nullable other)
            """);
        Assert.AreEqual(
            "AlexNetMl.Stacks.Tests::ApiSubsetTests.Sample<T>: has no 'static ApiSubsetTests.Sample<T> op_Addition(ApiSubsetTests.Sample<T> left, T right)'",
            listing.Compare(ApiReflection.Describe(typeof(Sample<>))).Single());
    }

    [TestMethod]
    public void Invented_members_types_and_changed_signatures_are_reported()
    {
        var listing = Listing("""
            class AlexNetMl.Stacks.Tests::ApiSubsetTests.Changed
              ctor()
              int Renamed(int number)
              int Default(int value=2)
              virtual int Plain()
              string Text {get;}

            enum AlexNetMl.Stacks.Tests::ApiSubsetTests.Numbers
              One=1, Two=2
            """);
        var found = listing.Compare(ApiReflection.Describe(typeof(Changed)))
            .Concat(listing.Compare(ApiReflection.Describe(typeof(Numbers))))
            .Concat(listing.Compare(ApiReflection.Describe(typeof(Unlisted))))
            .Select(line => line.Split("ApiSubsetTests.")[1]).Order(StringComparer.Ordinal).ToList();
        CollectionAssert.AreEqual(
            new[] {
                "Changed: does not derive from ICloneable",
                "Changed: has no 'int Default(int value=1)'",
                "Changed: has no 'int Plain()'",
                "Changed: has no 'int Renamed(int other)'",
                "Changed: has no 'object Clone()'",
                "Changed: has no 'string Text {get;set;}'",
                "Changed: is 'sealed class', not 'class'",
                "Numbers: has no 'Two=3'",
                "Unlisted: no such type",
            },
            found,
            string.Join("\n", found));
    }

    private static ApiListing Listing(string text)
    {
        var listing = new ApiListing();
        listing.Add(text.Split('\n'));
        return listing;
    }

    // What the analyzers advise against is what a package's API may contain.
#pragma warning disable CA1000, CA1715, CA2211
    public abstract class Sample<T> : IDisposable
    {
        public static long Count;

        protected Sample(string name) => Name = name;

        public (int, string)? Pair { get; set; }

        internal string Name { get; }

        public T this[params long[] indices] => default!;

        public static Sample<T> operator +(Sample<T> left, T right) => left;

        public static (T First, U Second)[] Mix<U>(
            ref T first, out U second, double rate = 0.001, DayOfWeek day = DayOfWeek.Wednesday, string text = "a", long[,]? grid = null)
        {
            second = default!;
            return [];
        }

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
        }

        private protected void Hidden()
        {
        }
    }
#pragma warning restore CA1000, CA1715, CA2211

    public sealed class Changed : ICloneable
    {
        public string Text { get; set; } = "";

        public object Clone() => this;

        public int Renamed(int other) => other;

        public int Default(int value = 1) => value;

        public int Plain() => 1;
    }

    public enum Numbers
    {
        One = 1,
        Two = 3,
    }

    public sealed class Unlisted;
}
