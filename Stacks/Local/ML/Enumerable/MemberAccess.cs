using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Compiled access to fields and properties; <typeparamref name="TRow"/> may be private to its user.</summary>
internal static class MemberAccess<TRow>
{
    internal static Func<TRow, TValue> Reader<TValue>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        return Expression.Lambda<Func<TRow, TValue>>(Expression.MakeMemberAccess(row, member), row).Compile();
    }

    /// <summary>A reader where the member can be read, null for a property with a setter only.</summary>
    internal static Func<TRow, TValue> ReaderOrNull<TValue>(MemberInfo member)
        => member is PropertyInfo property && property.GetGetMethod() is null ? null : Reader<TValue>(member);

    internal static Action<TRow, TValue> Writer<TValue>(MemberInfo member)
    {
        ParameterExpression row = Expression.Parameter(typeof(TRow));
        ParameterExpression value = Expression.Parameter(typeof(TValue));
        return Expression.Lambda<Action<TRow, TValue>>(Expression.Assign(Expression.MakeMemberAccess(row, member), value), row, value).Compile();
    }
}
