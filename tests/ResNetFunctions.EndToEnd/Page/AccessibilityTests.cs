using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

public abstract class AccessibilityTests(Chromium chromium, PageServers servers, ColorScheme theme, int width)
    : PageTest(chromium, () => servers.Default)
{
    protected override BrowserNewContextOptions Window => new()
    {
        Locale = "en-US",
        ColorScheme = theme,
        ReducedMotion = ReducedMotion.Reduce,
        ViewportSize = new() { Width = width, Height = 900 },
    };

    [Fact]
    public async Task Axe_EmptyFilledAndCamera_FindsNothing()
    {
        ExpectedStatuses.UnionWith([415]);
        await AssertClean();

        await Page.GetByLabel("Show top").FillAsync("12");
        await Choose(Pictures.Jpeg("good.jpg"), Pictures.Text("text.jpg"));
        await Expect(Page.Locator("#progress-text")).ToHaveTextAsync("1 of 2 done, 1 failed");
        await Page.Locator("#key-details summary").ClickAsync();
        await AssertClean();

        await Button("Use the camera").ClickAsync();
        await Button("Classify live").ClickAsync();
        await Expect(Page.Locator("#live .bars li")).ToHaveCountAsync(12);
        await Button("Classify live").ClickAsync();
        await AssertClean();

        await Button("中文").ClickAsync();
        await AssertClean();
    }

    [Fact]
    public async Task Layout_AtThisWidth_NeverScrollsSideways()
    {
        await Choose(Pictures.Jpeg("a file whose name is long enough to be cut off somewhere.jpg"));
        await ExpectState(Cards, "done");

        Assert.True(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
    }

    private async Task AssertClean()
    {
        AxeResult result = await Page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")));
        Assert.True(result.Passes.Length > 20, "axe looked at almost nothing.");
    }
}

public sealed class LightAccessibilityTests(Chromium chromium, PageServers servers)
    : AccessibilityTests(chromium, servers, ColorScheme.Light, 1440);

public sealed class DarkAccessibilityTests(Chromium chromium, PageServers servers)
    : AccessibilityTests(chromium, servers, ColorScheme.Dark, 768);

public sealed class NarrowAccessibilityTests(Chromium chromium, PageServers servers)
    : AccessibilityTests(chromium, servers, ColorScheme.Light, 320);
