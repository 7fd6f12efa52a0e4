using System.Linq.Expressions;
using System.Reflection;

namespace Microsoft.ML.Data;

/// <summary>Calls a generic static method with type arguments known only at run time (a column's raw type).</summary>
internal static class Generic
{
    internal static TResult Call<TResult>(Expression<Func<TResult>> example, Type[] typeArguments, params object[] arguments)
    {
        // The compiler wraps the call where its result is converted to TResult.
        Expression call = example.Body is UnaryExpression conversion ? conversion.Operand : example.Body;
        MethodInfo method = ((MethodCallExpression)call).Method.GetGenericMethodDefinition();
        return (TResult)method.MakeGenericMethod(typeArguments).Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);
    }
}
