#nullable enable
using System;

namespace TorchSharp;

/// <summary>The scopes that are open on a thread, and what went through them.</summary>
public class DisposeScopeManager
{
    [ThreadStatic] private static DisposeScopeManager? _threadSingleton;

    internal static DisposeScopeManager ThreadSingleton => _threadSingleton ??= new DisposeScopeManager();

    public static ThreadDisposeScopeStatistics Statistics => ThreadSingleton.StatisticsInstance;

    internal ThreadDisposeScopeStatistics StatisticsInstance { get; } = new();

    internal DisposeScope? CurrentDisposeScope { get; private set; }

    /// <summary>A new tensor: it belongs to the innermost scope, which is returned.</summary>
    internal DisposeScope? Register(torch.Tensor tensor)
    {
        var statistics = StatisticsInstance.TensorStatistics;
        if (CurrentDisposeScope is null) {
            statistics.CreatedOutsideScopeCount++;
            return null;
        }
        statistics.CreatedInScopeCount++;
        CurrentDisposeScope.Disposables.Add(tensor);
        return CurrentDisposeScope;
    }

    internal void CountDisposal(torch.Tensor tensor)
    {
        if (tensor.OwningDisposeScope is null) StatisticsInstance.TensorStatistics.DisposedOutsideScopeCount++;
        else StatisticsInstance.TensorStatistics.DisposedInScopeCount++;
    }

    internal DisposeScope NewDisposeScope() => CurrentDisposeScope = new DisposeScope(this);

    internal void RemoveDisposeScope(DisposeScope scope)
    {
        if (ReferenceEquals(CurrentDisposeScope, scope)) {
            CurrentDisposeScope = scope.OuterScope;
            return;
        }
        // Scopes need not be closed in the order of their opening: take it out of the chain.
        for (var inner = CurrentDisposeScope; inner is not null; inner = inner.OuterScope) {
            if (!ReferenceEquals(inner.OuterScope, scope)) continue;
            inner.OuterScope = scope.OuterScope;
            return;
        }
    }
}
