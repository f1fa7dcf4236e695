using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Intrinsics;
using ResNetFunctions.Imaging.Preprocessing;

namespace ResNetFunctions.Tests.Inference;

/// <summary>Vector code that ReadyToRun leaves to the JIT runs at a fifth of its speed for the first 50 to 200 pictures:
/// code with a <c>Vector&lt;T&gt;</c>, and calls with vectors that are not inlined. <c>crossgen2 --verbose</c> lists the
/// methods that were not compiled.</summary>
public sealed class PrecompiledTests
{
    private static readonly Assembly Imaging = typeof(Resampler).Assembly;

    private static readonly string[] NotInlined = ["Load", "LoadUnsafe", "LoadAligned", "Store", "StoreUnsafe", "StoreAligned", "Widen"];

    [Fact]
    public void Calls_OfVectorCode_AreInlinedByCrossgen()
    {
        using var file = new PEReader(File.OpenRead(Imaging.Location));
        MetadataReader metadata = file.GetMetadataReader();

        Assert.DoesNotContain(
            metadata.MemberReferences.Select(handle => NameOf(metadata, metadata.GetMemberReference(handle))),
            name => name.Type is "Vector" || (name.Type is "Vector128" or "Vector256" or "Vector512" && NotInlined.Contains(name.Member)));
    }

    [Fact]
    public void Methods_ThatTakeOrGiveAVector_AreInlined()
    {
        const BindingFlags All = BindingFlags.Static | BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
        MethodInfo[] methods = [.. Imaging.GetTypes().SelectMany(type => type.GetMethods(All))
            .Where(method => method.GetParameters().Select(p => p.ParameterType).Append(method.ReturnType).Any(IsVector))];

        Assert.NotEmpty(methods);
        Assert.All(methods, method => Assert.True(method.MethodImplementationFlags.HasFlag(MethodImplAttributes.AggressiveInlining), method.Name));
    }

    private static bool IsVector(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() is var definition
        && (definition == typeof(Vector128<>) || definition == typeof(Vector256<>) || definition == typeof(Vector512<>));

    private static (string Type, string Member) NameOf(MetadataReader metadata, MemberReference member) => (
        member.Parent.Kind == HandleKind.TypeReference ? metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)member.Parent).Name) : "",
        metadata.GetString(member.Name));
}
