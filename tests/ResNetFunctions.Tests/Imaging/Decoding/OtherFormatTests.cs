using System.Text;
using ResNetFunctions.Imaging;
using ResNetFunctions.Tests.Cli;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>What whoever sends no image is told of it.</summary>
public sealed class OtherFormatTests
{
    [Theory]
    [InlineData("II*\0abc", "TIFF")]
    [InlineData("MM\0*abc", "TIFF")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "HEIC")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0", "HEIC")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0", "AVIF")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0", "MP4")]
    [InlineData("\0\0\0\u0014ftypqt  \0\0\0\0", "QuickTime")]
    [InlineData("\u001A\u0045\u00DF\u00A3abc", "Matroska")]
    [InlineData("RIFF\0\0\0\0AVI LIST", "AVI")]
    [InlineData("%PDF-1.7", "PDF")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG")]
    [InlineData("<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "SVG")]
    [InlineData("<!DOCTYPE html><html>", "HTML")]
    [InlineData("  \n<html lang='en'>", "HTML")]
    [InlineData("<note/>", "XML")]
    [InlineData("data:image/png;base64,AAAA", "data URL")]
    [InlineData("\u001F\u008Babc", "gzip")]
    [InlineData("PK\u0003\u0004abc", "ZIP")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64")]
    public async Task Classify_OtherFormat_IsNamedWithWhatToDo(string latin1, string name)
    {
        await using Server server = await Tiny.StartAsync();

        var e = await Assert.ThrowsAsync<RejectedException>(async () =>
            await server.Classifier.ClassifyAsync(Encoding.Latin1.GetBytes(latin1), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.UnsupportedFormat, e.Code);
        Assert.Contains("It looks like", e.Message);
        Assert.Contains(name, e.Message);
    }

    [Theory]
    [InlineData("a text")]
    [InlineData("word")]
    [InlineData("\0\0\0\0")]
    public void Advice_OfBytesThatSayNothing_IsTheFormatsAlone(string latin1) =>
        Assert.Equal(
            "The image is no JPEG, PNG, WebP, GIF or BMP file.",
            ResNetFunctions.Imaging.Decoding.OtherFormat.Advice(Encoding.Latin1.GetBytes(latin1)));
}
