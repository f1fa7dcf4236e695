using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

/// <summary>Makes the README's pictures of the page, with the bundled model: <c>dotnet run -c Release --project
/// tests/ResNetFunctions.EndToEnd -- -explicit only -class "*Screenshots"</c>.</summary>
public abstract class Screenshots(Chromium chromium, PageServers servers, ColorScheme theme, int width, int height)
    : PageTest(chromium, () => servers.Default)
{
    protected override BrowserNewContextOptions Window => new()
    {
        Locale = "en-US",
        ColorScheme = theme,
        ViewportSize = new() { Width = width, Height = height },
    };

    [Fact(Explicit = true)]
    public async Task Page_WithTheSamplePicture()
    {
        string root = PageServers.Root();
        await Choose(Path.Combine(root, "samples/alps.jpg"));
        await ExpectState(Cards, "done");
        for (int warm = 0; warm < 20; warm++)
        {
            await Button("Classify again").ClickAsync();
            await ExpectState(Cards, "done");
        }
        await Page.Mouse.MoveAsync(0, 0);
        await Page.WaitForTimeoutAsync(1000);
        await Page.ScreenshotAsync(new()
        {
            Path = Path.Combine(root, $"docs/images/page-{theme.ToString().ToLowerInvariant()}.jpg"),
            Type = ScreenshotType.Jpeg,
            Quality = 85,
        });
    }
}

public sealed class LightScreenshots(Chromium chromium, PageServers servers)
    : Screenshots(chromium, servers, ColorScheme.Light, 1200, 680);

public sealed class DarkScreenshots(Chromium chromium, PageServers servers)
    : Screenshots(chromium, servers, ColorScheme.Dark, 1200, 680);
