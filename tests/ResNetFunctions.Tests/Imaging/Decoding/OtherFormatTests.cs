using System.Text;
using ResNetFunctions.Imaging;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Tests.Imaging.Decoding;

/// <summary>The answers to files that are no images.</summary>
public sealed class OtherFormatTests
{
    [Theory]
    [InlineData("II*\0abc", "a TIFF file: convert it to PNG")]
    [InlineData("MM\0*abc", "a TIFF file: convert it to PNG")]
    [InlineData("II+\0abc", "a TIFF file: convert it to PNG")]
    [InlineData("MM\0+abc", "a TIFF file: convert it to PNG")]
    [InlineData("\0\0\0\u000CJXL \r\n", "a JPEG XL file: convert it to JPEG")]
    [InlineData("\u00FF\u000Aabc", "a JPEG XL file: convert it to JPEG")]
    [InlineData("\0\0\u0001\0abc", "an icon (ICO): convert it to PNG")]
    [InlineData("\0\0\0\u0018ftypheic\0\0\0\0", "a HEIC file, as iPhones write it: convert it to JPEG")]
    [InlineData("\0\0\0\u0018ftypmif1\0\0\0\0", "a HEIC file, as iPhones write it: convert it to JPEG")]
    [InlineData("\0\0\0\u0018ftypavif\0\0\0\0", "an AVIF file: convert it to JPEG or PNG")]
    [InlineData("\0\0\0\u0018ftypisom\0\0\0\0", "a video (MP4 or QuickTime): send one frame of it as JPEG")]
    [InlineData("\0\0\0\u0014ftypqt  \0\0\0\0", "a video (MP4 or QuickTime): send one frame of it as JPEG")]
    [InlineData("\u001A\u0045\u00DF\u00A3abc", "a video (WebM or Matroska): send one frame of it as JPEG")]
    [InlineData("RIFF\0\0\0\0AVI LIST", "a video (AVI): send one frame of it as JPEG")]
    [InlineData("%PDF-1.7", "a PDF document: send a page of it as PNG or JPEG")]
    [InlineData("<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing: render it to PNG")]
    [InlineData("<?xml version='1.0'?>\n<!-- drawn -->\n<svg/>", "an SVG drawing: render it to PNG")]
    [InlineData("<!DOCTYPE html><html>", "an HTML page: send the image itself, or the image's own address")]
    [InlineData("  \n<html lang='en'>", "an HTML page: send the image itself, or the image's own address")]
    [InlineData("\u00EF\u00BB\u00BF<html>", "an HTML page: send the image itself, or the image's own address")]
    [InlineData("{\"inputs\": []}", "JSON: send {\"image\": \"base64\"} to /api/classify, or the image itself")]
    [InlineData("<note/>", "XML: send the image itself")]
    [InlineData("data:image/png;base64,AAAA", "a data URL: send it as JSON, {\"image\": \"data:…\"}, or decoded")]
    [InlineData("\u001F\u008Babc", "gzip data: say Content-Encoding: gzip, or send it unpacked")]
    [InlineData("PK\u0003\u0004abc", "a ZIP archive: send the images in it")]
    [InlineData("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==", "base64 text: send it as JSON, {\"image\": \"base64\"}, or decoded")]
    public async Task ClassifyAsync_OtherFormat_IsRefusedWithItsNameAndAdvice(string latin1, string advice)
    {
        using var classifier = new Classifier(new ClassifierOptions());

        var e = await Assert.ThrowsAsync<RejectedException>(async () =>
            await classifier.ClassifyAsync(Encoding.Latin1.GetBytes(latin1), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(ErrorCode.UnsupportedFormat, e.Code);
        Assert.Equal($"The image is no JPEG, PNG, WebP, GIF or BMP file. It looks like {advice}.", e.Message);
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
