using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Models;

public sealed class ModelStoreTests : IDisposable
{
    private const string Json = """{ "name": "mine", "weights": { "file": "mine.onnx" } }""";

    private readonly string _root = Directory.CreateTempSubdirectory("resnet-test-").FullName;
    private readonly string _models;

    public ModelStoreTests() => _models = Directory.CreateDirectory(Path.Combine(_root, "models")).FullName;

    [Theory]
    [InlineData("../outside")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("mine\n")]
    [InlineData("mine\0")]
    [InlineData("-mine")]
    public void Find_NameThatIsNone_IsUnknownAndNotEchoed(string name)
    {
        File.WriteAllText(Path.Combine(_root, "outside.json"), Json);

        var error = Assert.Throws<RejectedException>(() => Store().Find(name));

        Assert.Equal((ErrorCode.UnknownModel, "No model can have that name."), (error.Code, error.Message));
    }

    [Theory]
    [InlineData("\"file\": \"../mine.onnx\"")]
    [InlineData("\"file\": \"/etc/mine.onnx\"")]
    [InlineData("\"file\": \"mine.onnx\\n\"")]
    [InlineData("\"file\": \"mine.onnx\" }, \"labels\": \"../labels.tsv\", \"input\": {")]
    [InlineData("\"file\": \"mine.onnx\" }, \"labels\": \"/etc/passwd\", \"input\": {")]
    [InlineData("\"file\": \"mine.onnx\" }, \"labels\": \"\", \"input\": {")]
    [InlineData("\"file\": \"mine.onnx\" }, \"labels\": null, \"input\": {")]
    public void Find_ManifestThatNamesAnotherFolder_IsInvalid(string weights)
    {
        Write("mine.json", "{ \"name\": \"mine\", \"weights\": { " + weights + " } }");

        Assert.Throws<InvalidModelException>(() => Store().Find("mine"));
    }

    [Fact]
    public void Find_LinkOutOfTheFolder_IsRefusedWithoutItsTarget()
    {
        File.WriteAllText(Path.Combine(_root, "secret.json"), Json);
        File.CreateSymbolicLink(Path.Combine(_models, "mine.json"), "../secret.json");

        var error = Assert.Throws<InvalidModelException>(() => Store().Find("mine"));

        Assert.Equal("mine.json is a link that leads out of the models folder.", error.Message);
    }

    [Fact]
    public void Find_LinkThroughALinkedFolderOut_IsRefused()
    {
        Directory.CreateDirectory(Path.Combine(_root, "elsewhere"));
        File.WriteAllText(Path.Combine(_root, "elsewhere", "mine.json"), Json);
        Directory.CreateSymbolicLink(Path.Combine(_models, "..data"), Path.Combine(_root, "elsewhere"));
        File.CreateSymbolicLink(Path.Combine(_models, "mine.json"), "..data/mine.json");

        Assert.Throws<InvalidModelException>(() => Store().Find("mine"));
    }

    // As Kubernetes mounts configuration.
    [Fact]
    public void Find_LinksWithinTheFolder_AreFollowed()
    {
        Directory.CreateDirectory(Path.Combine(_models, "..2026"));
        File.WriteAllText(Path.Combine(_models, "..2026", "mine.json"), Json);
        Directory.CreateSymbolicLink(Path.Combine(_models, "..data"), "..2026");
        File.CreateSymbolicLink(Path.Combine(_models, "mine.json"), "..data/mine.json");

        Assert.Equal("mine", Store().Find("mine").Name);
    }

    [Fact]
    public void Find_FolderThatIsALinkItself_IsFollowed()
    {
        Write("mine.json", Json);
        string link = Path.Combine(_root, "link");
        Directory.CreateSymbolicLink(link, _models);

        Assert.Equal("mine", new ModelStore(new ClassifierOptions { ModelsPath = link, CachePath = "" }).Find("mine").Name);
    }

    private ModelStore Store() => new(new ClassifierOptions { ModelsPath = _models, CachePath = "" });

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_models, file), text);

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
