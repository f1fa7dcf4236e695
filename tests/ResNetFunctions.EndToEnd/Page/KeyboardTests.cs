using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

public sealed class KeyboardTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.Default)
{
    [Fact]
    public async Task Keyboard_Alone_ClassifiesCopiesAndRemoves()
    {
        await Press("Tab");
        await Expect(Page.GetByRole(AriaRole.Link, new() { Name = "Skip to the results" })).ToBeFocusedAsync();

        await TabTo(Button("Choose pictures"));
        IFileChooser chooser = await Page.RunAndWaitForFileChooserAsync(() => Press("Enter"));
        await chooser.SetFilesAsync([Pictures.Jpeg("a.jpg"), Pictures.Jpeg("b.jpg")]);
        await Expect(Page.Locator("#announcer")).ToHaveTextAsync("2 of 2 done");

        await TabTo(Page.Locator("#model"));
        await TabTo(Page.GetByLabel("Scale large pictures before sending"));
        await Press("Space");
        await Expect(Page.GetByLabel("Scale large pictures before sending")).Not.ToBeCheckedAsync();

        await TabTo(Button("Copy as JSON").First);
        await Press("Enter");
        await Expect(Page.Locator("#announcer")).ToHaveTextAsync("Copied");

        await TabTo(Button("Classify again").First);
        await Press("Enter");
        await ExpectState(Cards.First, "done");
        await Expect(Cards.First).ToBeFocusedAsync();

        await TabTo(Button("Remove a.jpg"));
        await Press("Enter");
        await Expect(Cards).ToHaveCountAsync(1);
        await Expect(Cards).ToBeFocusedAsync();
    }

    [Fact]
    public async Task Keyboard_Camera_OpensAndEscapes()
    {
        await TabTo(Button("Use the camera"));
        await Press("Enter");
        await Expect(Button("Take a picture")).ToBeFocusedAsync();
        await Press("Escape");
        await Expect(Button("Use the camera")).ToBeFocusedAsync();
    }

    private Task Press(string key) => Page.Keyboard.PressAsync(key);

    private async Task TabTo(ILocator target)
    {
        for (int presses = 0; presses < 40; presses++)
        {
            if (await target.EvaluateAsync<bool>("node => node === document.activeElement"))
                return;
            await Press("Tab");
        }
        Assert.Fail($"The Tab key never reaches {target}.");
    }
}
