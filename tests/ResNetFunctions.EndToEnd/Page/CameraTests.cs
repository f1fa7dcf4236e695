using System.Text.RegularExpressions;

namespace ResNetFunctions.EndToEnd.Page;

public sealed class CameraTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    [Fact]
    public async Task ClassifyLive_FramesOneAfterAnother_ShowsClassesAndFramesPerSecond()
    {
        int underway = 0, most = 0, answered = 0;
        Page.Request += (_, request) =>
        {
            if (request.Url.Contains("/classify?", StringComparison.Ordinal))
                most = Math.Max(most, Interlocked.Increment(ref underway));
        };
        Page.RequestFinished += (_, request) =>
        {
            if (!request.Url.Contains("/classify?", StringComparison.Ordinal))
                return;
            Interlocked.Decrement(ref underway);
            answered++;
        };
        await Button("Use the camera").ClickAsync();
        await Button("Classify live").ClickAsync();
        await Expect(Page.Locator("#fps")).ToHaveTextAsync(new Regex("^[0-9.]+ frames/s$"));
        await Expect(Page.Locator("#live .bars li")).ToHaveCountAsync(3);
        await Expect(Button("Classify live")).ToHaveAttributeAsync("aria-pressed", "true");
        await Page.WaitForTimeoutAsync(1000);

        await Button("Classify live").ClickAsync();
        await Expect(Page.Locator("#fps")).ToBeEmptyAsync();
        Assert.InRange(answered, 2, int.MaxValue);
        Assert.Equal(1, most);
    }

    [Fact]
    public async Task TakeAPicture_CameraOpen_ClassifiesItLikeAFile()
    {
        await Button("Use the camera").ClickAsync();
        await Button("Take a picture").ClickAsync();
        await ExpectState(Cards, "done");

        await Expect(Cards.Locator("h3")).ToHaveTextAsync("camera-1.jpg");
        await Button("Close").ClickAsync();
        await Expect(Button("Use the camera")).ToBeFocusedAsync();
    }

    [Fact]
    public async Task ClassifyLive_TabHidden_TurnsTheCameraOff()
    {
        await Button("Use the camera").ClickAsync();
        await Button("Classify live").ClickAsync();
        await Expect(Page.Locator("#live .bars li")).ToHaveCountAsync(3);

        // Headless Chromium shows every tab, so the page is told that it is hidden.
        await Page.EvaluateAsync("""
            () => {
              Object.defineProperty(document, 'hidden', { value: true });
              document.dispatchEvent(new Event('visibilitychange'));
            }
            """);

        await Expect(Page.Locator("#camera")).ToBeHiddenAsync();
        await Expect(Page.Locator("#camera-note")).ToContainTextAsync("turned off");
        Assert.True(await Page.Locator("#video").EvaluateAsync<bool>("video => video.srcObject === null"));
    }
}
