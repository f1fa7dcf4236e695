using System.Text;
using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Tests.Inference.Models;

public sealed class ManifestTests
{
    [Fact]
    public void Parse_TheLeast_HasTheDefaults()
    {
        Manifest manifest = Parse("""{ "name": "mine", "weights": { "file": "mine.onnx" } }""");

        Assert.Equal(256, manifest.Input.Resize);
        Assert.Equal(0.225f, manifest.Input.Std[2]);
        Assert.Equal("imagenet-1k.tsv", manifest.Labels);
    }

    [Theory]
    [InlineData("""{ "name": "../x", "weights": { "file": "x.onnx" } }""", "name")]
    [InlineData("""{ "name": "x", "weights": { "file": "../x.onnx" } }""", "weights.file")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.pth" } }""", "architecture")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx", "urls": ["http://a/b"] } }""", "https")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "labels": "/etc/passwd" }""", "labels")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "input": { "std": [1, 0, 1] } }""", "std")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "inputs": {} }""", "inputs")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "multiLabel": true }""", "multiLabel needs")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "threshold": 1.5 }""", "threshold must be")]
    [InlineData("""{ "name": "x", "weights": { "file": "x.onnx" }, "input": { "framing": "stretch" } }""", "framing")]
    [InlineData("{", "not valid")]
    public void Parse_WhatIsNoManifest_SaysWhy(string json, string why) =>
        Assert.Contains(why, Assert.Throws<InvalidModelException>(() => Parse(json)).Message, StringComparison.Ordinal);

    private static Manifest Parse(string json) => Manifest.Parse(Encoding.UTF8.GetBytes(json));
}
