using System.Xml.Linq;
using Mono.Cecil;
using Mono.Cecil.Cil;
using ResNetFunctions.Api;
using ResNetFunctions.Cli;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.ModelTools;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The references between projects, and between the folders of a project.</summary>
public sealed class ArrowTests
{
    private static readonly Dictionary<string, string[]> Arrows = new()
    {
        ["ResNetFunctions.Imaging"] = [],
        ["ResNetFunctions.Inference"] = ["ResNetFunctions.Imaging"],
        ["ResNetFunctions.ModelTools"] = ["ResNetFunctions.Inference"],
        ["ResNetFunctions.Api"] = ["ResNetFunctions.Inference"],
        ["ResNetFunctions"] = ["ResNetFunctions.Api"],
        ["ResNetFunctions.Cli"] = ["ResNetFunctions.Api", "ResNetFunctions.ModelTools"],
    };

    private static readonly Type[] OneOfEach =
        [typeof(RejectedException), typeof(Classifier), typeof(GraphConverter), typeof(ResNetOptions), typeof(Terminal)];

    public static TheoryData<string> Projects => [.. Arrows.Keys];

    public static TheoryData<string> Assemblies => [.. OneOfEach.Select(type => type.Assembly.Location)];

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_RefersToNoOthersThanItsArrows(string project)
    {
        XDocument file = XDocument.Load(Repository.PathOf("src", project, project + ".csproj"));
        string[] references = [.. file.Descendants("ProjectReference").Select(reference =>
            Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')))];

        Assert.Equal(Arrows[project].Order(), references.Order());
    }

    // A service runs models, it does not make them.
    [Fact]
    public void Service_NeverReachesModelTools()
    {
        HashSet<string> reached = [];
        void Follow(string project)
        {
            if (reached.Add(project))
                Array.ForEach(Arrows[project], Follow);
        }

        Follow("ResNetFunctions");
        Assert.DoesNotContain("ResNetFunctions.ModelTools", reached);
        foreach (Type type in OneOfEach.Where(type => reached.Contains(type.Assembly.GetName().Name!)))
            Assert.DoesNotContain(type.Assembly.GetReferencedAssemblies(), reference => reference.Name is "ResNetFunctions.ModelTools" or "Google.Protobuf");
    }

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Folders_OfAProject_ReferInNoCircle(string assembly)
    {
        Dictionary<string, HashSet<string>> folders = References(assembly);

        // Removes projects without references until none can be removed: the rest is in a circle, or leads to one.
        while (folders.FirstOrDefault(folder => !folder.Value.Overlaps(folders.Keys)).Key is { } last)
            folders.Remove(last);

        Assert.True(folders.Count == 0, string.Join("; ", folders.Select(folder => $"{folder.Key} -> {string.Join(", ", folder.Value.Intersect(folders.Keys))}")));
    }

    /// <summary>A project's folders, each with the others that its code refers to. A folder in a folder is a part of it.</summary>
    private static Dictionary<string, HashSet<string>> References(string path)
    {
        using ModuleDefinition module = ModuleDefinition.ReadModule(path);
        Dictionary<string, HashSet<string>> result = [];
        foreach (TypeDefinition type in module.GetTypes().Where(type => NamespaceOf(type).StartsWith("ResNetFunctions", StringComparison.Ordinal)))
        {
            string own = FolderOf(type);
            if (!result.TryGetValue(own, out HashSet<string>? others))
                result[own] = others = [];
            foreach (TypeReference used in Used(type).SelectMany(Parts))
            {
                if (used.Scope == module && NamespaceOf(used).StartsWith("ResNetFunctions", StringComparison.Ordinal) && FolderOf(used) is var other && other != own)
                    others.Add(other);
            }
        }
        return result;
    }

    private static IEnumerable<TypeReference?> Used(TypeDefinition type)
    {
        yield return type.BaseType;
        foreach (InterfaceImplementation one in type.Interfaces)
            yield return one.InterfaceType;
        foreach (FieldDefinition field in type.Fields)
            yield return field.FieldType;
        foreach (CustomAttribute attribute in type.CustomAttributes)
            yield return attribute.AttributeType;
        foreach (MethodDefinition method in type.Methods)
        {
            yield return method.ReturnType;
            foreach (ParameterDefinition parameter in method.Parameters)
                yield return parameter.ParameterType;
            if (!method.HasBody)
                continue;
            foreach (VariableDefinition variable in method.Body.Variables)
                yield return variable.VariableType;
            foreach (Instruction instruction in method.Body.Instructions)
            {
                yield return instruction.Operand switch
                {
                    TypeReference used => used,
                    MemberReference member => member.DeclaringType,
                    _ => null,
                };
                if (instruction.Operand is GenericInstanceMethod generic)
                {
                    foreach (TypeReference argument in generic.GenericArguments)
                        yield return argument;
                }
            }
        }
    }

    private static IEnumerable<TypeReference> Parts(TypeReference? type)
    {
        if (type is null)
            yield break;
        yield return type.GetElementType();
        if (type is not GenericInstanceType generic)
            yield break;
        foreach (TypeReference part in generic.GenericArguments.SelectMany(Parts))
            yield return part;
    }

    // ResNetFunctions.PROJECT.FOLDER
    private static string FolderOf(TypeReference type) => string.Join('.', NamespaceOf(type).Split('.').Take(3));

    private static string NamespaceOf(TypeReference type)
    {
        while (type.DeclaringType is { } outer)
            type = outer;
        return type.Namespace;
    }
}
