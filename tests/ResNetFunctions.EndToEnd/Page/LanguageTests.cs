using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

public sealed class LanguageTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    [Fact]
    public async Task Language_Switched_TurnsThePageAndItsResultsAndIsKept()
    {
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "done");
        string label = await Cards.Locator(".label").First.InnerTextAsync();
        await Button("中文").ClickAsync();

        await Expect(Page.Locator("html")).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(Page.Locator("#intake-title")).ToHaveTextAsync("图里是什么？");
        await Expect(Button("复制 curl 命令")).ToBeVisibleAsync();
        await Expect(Page.Locator("#model-note")).ToContainTextAsync("由微软训练");
        await ExpectState(Cards, "done");
        ILocator first = Cards.Locator(".label").First;
        await Expect(first).ToHaveAttributeAsync("lang", "zh-Hans");
        await Expect(first).Not.ToHaveTextAsync(label);
        await Expect(first).ToHaveTextAsync(new Regex("[\u4E00-\u9FFF]"));
        await Button("English").ClickAsync();
        await Expect(Cards.Locator(".label").First).ToHaveTextAsync(label);
        await Button("中文").ClickAsync();

        await Page.ReloadAsync();
        await Expect(Button("选择图片")).ToBeVisibleAsync();
        await Button("English").ClickAsync();
        await Expect(Page.Locator("#intake-title")).ToHaveTextAsync("What is in the picture?");
    }
}
