using Microsoft.ML;
using Microsoft.ML.Data;

namespace AlexNetMl.Pipelines;

/// <summary>What is scored and how its results become columns; the machinery around it is the same for every model.</summary>
/// <typeparam name="TResult">What the model says about one row.</typeparam>
internal abstract class BatchedModel<TResult> : IDisposable
    where TResult : class
{
    /// <summary>The columns that it adds.</summary>
    public abstract IReadOnlyList<AddedColumn> Columns { get; }

    /// <summary>The columns that it reads.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One is missing or of another type.</exception>
    public abstract IReadOnlyList<DataViewSchema.Column> FindInputs(DataViewSchema schema, string parameter);

    /// <summary>Scores rows in batches, lazily; one result for each row, in order.</summary>
    /// <param name="row">The cursor's row, of which the inputs are active.</param>
    /// <param name="next">Moves the row on. It may be called from another thread, but never from two at once.</param>
    public abstract IEnumerable<TResult> Score(DataViewRow row, Func<bool> next);

    /// <summary>A function that scores the row as it stands, alone.</summary>
    public abstract Func<TResult> ScoreOne(DataViewRow row);

    /// <summary>The getter of an added column, over the result of the row that is current.</summary>
    public abstract Delegate Getter(int added, Func<TResult> current);

    /// <summary>Whether a row could not be scored.</summary>
    public virtual bool IsFailure(TResult result) => false;

    /// <summary>An enumeration ended after so many failures.</summary>
    public virtual void Report(long failures)
    {
    }

    public abstract void ThrowIfDisposed();

    public abstract void Dispose();
}
