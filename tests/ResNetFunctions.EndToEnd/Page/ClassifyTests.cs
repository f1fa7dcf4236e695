using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

public sealed class ClassifyTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    [Fact]
    public async Task Choose_OnePicture_ShowsItsTopClassesTimingsAndModel()
    {
        await Choose(Pictures.Jpeg("sun & sky.jpg"));
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator("h3")).ToHaveTextAsync("sun & sky.jpg");
        await Expect(Cards.Locator(".bars li")).ToHaveCountAsync(3);
        await Expect(Cards.Locator(".bars code").First).ToHaveTextAsync(new Regex("^n[0-9]{8}$"));
        await Expect(Cards.Locator(".bars .share").First).ToHaveTextAsync(new Regex("^[0-9.]+%$"));
        await Expect(Cards.Locator(".times")).ToContainTextAsync("inference");
        await Expect(Cards.Locator(".facts")).ToContainTextAsync("JPEG 320 × 240");
        Assert.True(await Cards.Locator("img").EvaluateAsync<bool>("image => image.naturalWidth === 320"));
    }

    [Fact]
    public async Task Choose_BundledModel_IsNamedOnTheCard()
    {
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "done");

        await Expect(Page.Locator("#banner")).ToBeHiddenAsync();
        await Expect(Cards.Locator(".facts")).ToContainTextAsync("resnet18-mlnet");
    }

    [Fact]
    public async Task Choose_NameWithMarkup_IsShownAsText()
    {
        const string Name = "<img src=x onerror=alert(1)>.jpg";
        await Choose(Pictures.Jpeg(Name));
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator("h3")).ToHaveTextAsync(Name);
        await Expect(Cards.Locator("h3 img")).ToHaveCountAsync(0);
    }

    [Fact]
    public async Task Drop_ThreePictures_ClassifiesEachInOrder()
    {
        string[] files = [Pictures.Jpeg("one.jpg"), Pictures.Png("two.png"), Pictures.Jpeg("three.jpg")];
        ICDPSession browser = await Page.Context.NewCDPSessionAsync(Page);

        await Drag(browser, "dragEnter", files);
        await Drag(browser, "dragOver", files);
        await Expect(Page.Locator("#overlay")).ToBeVisibleAsync();
        await Drag(browser, "drop", files);

        await Expect(Page.Locator("#overlay")).ToBeHiddenAsync();
        await Expect(Cards).ToHaveCountAsync(3);
        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("3 of 3 done");
        await Expect(Cards.Locator("h3")).ToHaveTextAsync(["one.jpg", "two.png", "three.jpg"]);
        await Expect(Page.Locator("#announcer")).ToHaveTextAsync("3 of 3 done");
    }

    [Fact]
    public async Task Paste_Picture_ClassifiesIt()
    {
        await Page.EvaluateAsync("""
            async () => {
              const canvas = Object.assign(document.createElement('canvas'), { width: 64, height: 48 });
              canvas.getContext('2d').fillRect(8, 8, 32, 32);
              const blob = await new Promise((done) => canvas.toBlob(done));
              await navigator.clipboard.write([new ClipboardItem({ 'image/png': blob })]);
            }
            """);
        await Page.Keyboard.PressAsync("Control+V");
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator(".facts")).ToContainTextAsync("PNG 64 × 48");
    }

    [Fact]
    public async Task Choose_LargePhoto_IsScaledUnlessTurnedOff()
    {
        string photo = Pictures.Jpeg("large.jpg", 2400, 1600);
        await Choose(photo);
        await ExpectState(Cards, "done");
        await Expect(Cards.Locator(".facts")).ToContainTextAsync("JPEG 768 × 512");
        await Expect(Cards.Locator(".facts")).ToContainTextAsync("scaled from 2400 × 1600");

        await Page.GetByLabel("Scale large pictures before sending").UncheckAsync();
        await Button("Classify again").ClickAsync();
        await Expect(Cards.Locator(".facts")).ToContainTextAsync("JPEG 2400 × 1600");
    }

    [Theory]
    [InlineData(600, 512, "PNG 600 × 512")]
    [InlineData(512, 600, "PNG 512 × 600")]
    [InlineData(600, 513, "JPEG 599 × 512")]
    [InlineData(513, 600, "JPEG 512 × 599")]
    public async Task Choose_ShortSideAroundTheLimit_IsScaledAbove512(int width, int height, string sent)
    {
        await Choose(Pictures.Noise("noise.png", width, height));
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator(".facts")).ToContainTextAsync(sent);
    }

    [Fact]
    public async Task Choose_SevenPictures_SendsThreeAtATime()
    {
        using var seen = new SemaphoreSlim(0);
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await Page.RouteAsync("**/api/classify**", async route =>
        {
            seen.Release();
            await go.Task;
            await route.ContinueAsync();
        });

        await Choose([.. Enumerable.Range(1, 7).Select(number => Pictures.Jpeg($"{number}.jpg"))]);
        for (int i = 0; i < 3; i++)
            Assert.True(await seen.WaitAsync(TimeSpan.FromSeconds(30), Token));
        bool fourth = await seen.WaitAsync(TimeSpan.FromSeconds(1), Token);
        go.SetResult();

        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("7 of 7 done");
        Assert.False(fourth, "A fourth request was sent before one of the three had its answer.");
    }

    [Fact]
    public async Task Top_Changed_IsAskedForAndKept()
    {
        await Page.GetByLabel("Show top").FillAsync("7");
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "done");
        await Expect(Cards.Locator(".bars li")).ToHaveCountAsync(7);

        await Page.ReloadAsync();
        await Expect(Page.GetByLabel("Show top")).ToHaveValueAsync("7");
    }

    [Fact]
    public async Task CopyAsJson_Done_IsTheServersAnswer()
    {
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "done");
        await Button("Copy as JSON").ClickAsync();
        await Expect(Button("Copied")).ToBeVisibleAsync();

        JsonElement answer = JsonDocument.Parse(await Clipboard()).RootElement;
        Assert.Equal("classified", answer.GetProperty("status").GetString());
        Assert.Equal(3, answer.GetProperty("predictions").GetArrayLength());
    }

    [Fact]
    public async Task Sample_Pressed_IsClassified()
    {
        await Page.Locator("#sample").ClickAsync();
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator(".facts")).ToContainTextAsync("WEBP");
        await Expect(Page.GetByRole(AriaRole.Link, new() { Name = "Save picture" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Clear_AfterPictures_LeavesTheEmptyPage()
    {
        await Choose(Pictures.Jpeg("a.jpg"), Pictures.Jpeg("b.jpg"));
        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("2 of 2 done");
        await Button("Remove a.jpg").ClickAsync();
        await Expect(Cards).ToHaveCountAsync(1);
        await Button("Clear").ClickAsync();

        await Expect(Cards).ToHaveCountAsync(0);
        await Expect(Page.Locator("#empty")).ToBeVisibleAsync();
    }

    private Task<string> Clipboard() => Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");

    // As the browser receives files that are dragged from the desktop.
    private static async Task Drag(ICDPSession browser, string type, string[] files) =>
        await browser.SendAsync("Input.dispatchDragEvent", new Dictionary<string, object>
        {
            ["type"] = type,
            ["x"] = 300,
            ["y"] = 300,
            ["data"] = new { items = Array.Empty<object>(), files, dragOperationsMask = 1 },
        });
}
