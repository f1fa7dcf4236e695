using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

public sealed class ChineseBrowserTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    protected override BrowserNewContextOptions Window => new() { Locale = "zh-CN" };

    [Fact]
    public async Task Open_ChineseBrowser_IsChinese()
    {
        await Expect(Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(Page.Locator("#model-note")).ToContainTextAsync("由微软训练");
    }
}
