using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace AlexNetMl.Stacks.Tests.Api;

/// <summary>Writes an assembly's public and protected types and members as the API listings write them.</summary>
internal static class ApiReflection
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static;

    private static readonly Dictionary<Type, string> Aliases = new() {
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(long)] = "long",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(string)] = "string",
        [typeof(object)] = "object",
        [typeof(void)] = "void",
    };

    public static IEnumerable<ApiType> Types(Assembly assembly) => assembly.GetTypes().Where(IsVisible).Select(Describe);

    public static ApiType Describe(Type type)
    {
        var header = (type.Namespace is { Length: > 0 } space ? space : "") + "::" + NameOf(type);
        return new ApiType(header, KindOf(type), BasesOf(type), MembersOf(type).ToList());
    }

    private static bool IsVisible(Type type)
    {
        if (type.IsDefined(typeof(CompilerGeneratedAttribute), false)) return false;
        if (!type.IsNested) return type.IsPublic;
        return (type.IsNestedPublic || type.IsNestedFamily || type.IsNestedFamORAssem) && IsVisible(type.DeclaringType!);
    }

    private static string KindOf(Type type)
    {
        if (type.IsEnum) return "enum";
        if (type.IsInterface) return "interface";
        if (type.IsValueType) return "struct";
        if (typeof(Delegate).IsAssignableFrom(type)) return "delegate";
        return (type.IsAbstract, type.IsSealed) switch {
            (true, true) => "static class",
            (true, false) => "abstract class",
            (false, true) => "sealed class",
            _ => "class",
        };
    }

    /// <summary>The base class and the interfaces that it does not have already.</summary>
    private static List<string> BasesOf(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type)) return [];
        var bases = new List<string>();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType)) bases.Add(NameOf(parent));
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        bases.AddRange(type.GetInterfaces().Except(inherited).Where(face => face.IsVisible).Select(NameOf));
        return bases;
    }

    private static IEnumerable<string> MembersOf(Type type)
    {
        if (type.IsEnum) {
            return Enum.GetNames(type).Select(name =>
                $"{name}={Convert.ToString(Convert.ChangeType(Enum.Parse(type, name), Enum.GetUnderlyingType(type), CultureInfo.InvariantCulture), CultureInfo.InvariantCulture)}");
        }
        if (typeof(Delegate).IsAssignableFrom(type)) return [Method(type.GetMethod("Invoke")!, mark: false)];
        return type.GetConstructors(Declared).Where(constructor => !constructor.IsStatic && IsVisible(constructor)).Select(Constructor)
            .Concat(type.GetFields(Declared).Where(field => (field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly) && !field.IsSpecialName).Select(Field))
            .Concat(type.GetProperties(Declared).Where(property => property.GetAccessors(true).Any(IsVisible)).Select(Property))
            .Concat(type.GetMethods(Declared).Where(IsListed).Select(method => Method(method)));
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsListed(MethodInfo method) =>
        IsVisible(method) && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) &&
        !method.Name.Contains('<', StringComparison.Ordinal);

    private static string Constructor(ConstructorInfo constructor) =>
        (constructor.IsPublic ? "" : "protected ") + $"ctor({Parameters(constructor)})";

    private static string Field(FieldInfo field) => (field.IsStatic ? "static " : "") + $"{NameOf(field.FieldType)} {field.Name}";

    private static string Property(PropertyInfo property)
    {
        var getter = property.GetGetMethod(true) is { } get && IsVisible(get) ? get : null;
        var setter = property.GetSetMethod(true) is { } set && IsVisible(set) ? set : null;
        var accessor = (getter ?? setter)!;
        var indices = property.GetIndexParameters();
        var name = indices.Length == 0 ? property.Name : $"this[{string.Join(", ", indices.Select(Parameter))}]";
        var accessors = (getter is null ? "" : "get;") + (setter is null ? "" : "set;");
        return (accessor.IsStatic ? "static " : "") + (accessor.IsAbstract ? "abstract " : "") +
            $"{NameOf(property.PropertyType)} {name} {{{accessors}}}";
    }

    private static string Method(MethodInfo method, bool mark = true)
    {
        var modifiers = (method.IsPublic ? "" : "protected ") + (method.IsStatic ? "static " : "") +
            (method.IsAbstract ? "abstract " : method.IsVirtual && !method.IsFinal ? "virtual " : "") +
            (method.IsDefined(typeof(ExtensionAttribute), false) ? "ext " : "");
        var generic = method.IsGenericMethodDefinition ? $"<{string.Join(",", method.GetGenericArguments().Select(NameOf))}>" : "";
        return (mark ? modifiers : "") + $"{NameOf(method.ReturnType)} {method.Name}{generic}({Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var prefix = parameter.IsDefined(typeof(ParamArrayAttribute), false) ? "params " : "";
        if (type.IsByRef) {
            prefix = parameter.IsOut ? "out " : "ref ";
            type = type.GetElementType()!;
        }
        var value = parameter.HasDefaultValue ? "=" + Default(parameter.RawDefaultValue) : "";
        return $"{prefix}{NameOf(type)} {parameter.Name}{value}";
    }

    private static string Default(object? value) => value switch {
        null => "null",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string NameOf(Type type)
    {
        if (Aliases.TryGetValue(type, out var alias)) return alias;
        if (type.IsGenericParameter) return type.Name;
        if (type.IsArray) return $"{NameOf(type.GetElementType()!)}[{new string(',', type.GetArrayRank() - 1)}]";
        if (type.IsByRef) return NameOf(type.GetElementType()!);
        if (Nullable.GetUnderlyingType(type) is { } underlying) return NameOf(underlying) + "?";
        var arguments = type.GetGenericArguments();
        if (arguments.Length > 0 && !type.ContainsGenericParameters && type.FullName!.StartsWith("System.ValueTuple`", StringComparison.Ordinal)) {
            return $"({string.Join(",", arguments.Select(NameOf))})";
        }

        // Of a nested type in a generic one, ML.NET's listings write all arguments at the end; torch's where they are declared.
        if (type.Namespace?.StartsWith("Microsoft.ML", StringComparison.Ordinal) == true) {
            var plainName = string.Join(".", Nesting(type).Select(level => level.Name.Split('`')[0]));
            return arguments.Length > 0 ? $"{plainName}<{string.Join(",", arguments.Select(NameOf))}>" : plainName;
        }

        // A nested type's arguments begin with those of the type around it.
        var name = "";
        var used = 0;
        foreach (var level in Nesting(type)) {
            var own = level.GetGenericArguments().Length - used;
            var plain = level.Name.Split('`')[0];
            name += (name.Length == 0 ? "" : ".") + plain;
            if (own > 0) name += $"<{string.Join(",", arguments.Skip(used).Take(own).Select(NameOf))}>";
            used += own;
        }
        return name;
    }

    private static IEnumerable<Type> Nesting(Type type) =>
        type.DeclaringType is { } outer && !type.IsGenericParameter ? Nesting(outer).Append(type) : [type];
}
