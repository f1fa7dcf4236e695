namespace ResNetFunctions.EndToEnd.Page;

public sealed class KeyTests(Chromium chromium, PageServers servers) : PageTest(chromium, () => servers.WithKey)
{
    [Fact]
    public async Task Key_EnteredAfterARefusal_LetsThePictureThroughAndStaysInTheTab()
    {
        ExpectedStatuses.Add(401);
        await Choose(Pictures.Jpeg("a.jpg"));
        await ExpectState(Cards, "failed");
        await Expect(Cards).ToContainTextAsync("unauthorized");

        await Button("Enter the key").ClickAsync();
        await Expect(Page.Locator("#key")).ToBeFocusedAsync();
        await Page.Keyboard.TypeAsync(PageServers.Key);
        await Page.Keyboard.PressAsync("Enter");
        await ExpectState(Cards, "done");

        Assert.Equal(PageServers.Key, await Page.EvaluateAsync<string>("() => sessionStorage.getItem('resnet.key')"));
        Assert.False(await Page.EvaluateAsync<bool>("key => JSON.stringify(localStorage).includes(key)", "a key"));
        Assert.Empty(await Page.Context.CookiesAsync());
    }

    [Fact]
    public async Task CopyAsCurl_WithKey_IsACommandThatWorks()
    {
        string picture = Pictures.Jpeg("it's a picture.jpg");
        await Page.Locator("#key-details summary").ClickAsync();
        await Page.Locator("#key").FillAsync(PageServers.Key);
        await Choose(picture);
        await ExpectState(Cards, "done");
        await Button("Copy as curl").ClickAsync();
        await Expect(Button("Copied")).ToBeVisibleAsync();

        string command = await Page.EvaluateAsync<string>("() => navigator.clipboard.readText()");
        string answer = await Shell.Run($"{command} --silent --show-error --fail", Path.GetDirectoryName(picture)!);
        Assert.Contains("\"classified\"", answer, StringComparison.Ordinal);
    }
}
