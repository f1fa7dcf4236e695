using System.Text.RegularExpressions;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using SkiaSharp;

namespace ResNetFunctions.EndToEnd.Page;

/// <summary>A person's own classes, from an empty page to a right answer.</summary>
public abstract class TrainingTests(Chromium chromium, PageServers servers, ColorScheme theme) : PageTest(chromium, () => servers.Training)
{
    private static readonly SKColor Red = new(0xD0, 0x30, 0x28), Blue = new(0x28, 0x50, 0xC8);

    // One model for each theme: they share a server.
    private string Model => $"discs-{theme}";

    protected override BrowserNewContextOptions Window => new()
    {
        Locale = "en-US",
        ColorScheme = theme,
        ReducedMotion = ReducedMotion.Reduce,
        ViewportSize = new() { Width = 1200, Height = 900 },
    };

    [Fact]
    public async Task Train_PhotosOfTwoClasses_GivesAModelThatAnswersRightly()
    {
        Page.Dialog += (_, dialog) => dialog.AcceptAsync();
        await OpenAsync();
        await Expect(Button("Train")).ToBeDisabledAsync();
        await Expect(Page.Locator("#train-hint")).ToBeVisibleAsync();
        await AddClassAsync("rot");
        await AddClassAsync("蓝 blau");
        await AddPhotosAsync("rot", Red, 0, 8);
        await AddPhotosAsync("蓝 blau", Blue, 100, 8);
        await AssertClean();

        await Button("Train").ClickAsync();
        await Expect(Page.Locator(".report .top1")).ToHaveTextAsync(new Regex("^(100|[89][0-9]\\.[0-9])"), new() { Timeout = 90_000 });
        await Expect(Page.Locator(".matrix tbody tr")).ToHaveCountAsync(2);
        await Expect(Page.Locator(".matrix tbody td.right").First).ToHaveTextAsync(new Regex("^[78]$"));
        await AssertClean();

        await Button("Try it with a picture").ClickAsync();
        await Expect(Page.Locator("#model")).ToHaveValueAsync(Model);
        await Choose(Pictures.Discs("unseen.jpg", Blue, 999));
        await ExpectState(Cards, "done");
        await Expect(Cards.Locator(".label").First).ToHaveTextAsync("蓝 blau");

        // The photos are kept: add a class, and train again.
        await Page.ReloadAsync();
        await Button("Your own classes").ClickAsync();
        await Expect(Class("rot").Locator(".thumbs li")).ToHaveCountAsync(8);
        await Class("rot").Locator(".thumbs button").First.ClickAsync();
        await Expect(Class("rot")).ToContainTextAsync("7 photos");
        await AddClassAsync("empty");
        await Class("empty").GetByRole(AriaRole.Button, new() { Name = "Remove class" }).ClickAsync();
        await Expect(Class("empty")).ToHaveCountAsync(0);
        await Button("Train again").ClickAsync();
        await Expect(Page.Locator(".report")).ToContainTextAsync("of 15 photos are right", new() { Timeout = 90_000 });

        await Button("中文").ClickAsync();
        await Expect(Button("重新训练")).ToBeVisibleAsync();
        await Expect(Page.Locator(".report")).ToContainTextAsync("15 张");
        await AssertClean();
    }

    [Fact]
    public async Task Camera_InAClass_AddsWhatItSees()
    {
        await OpenAsync("camera");
        await AddClassAsync("seen");
        await Class("seen").GetByRole(AriaRole.Button, new() { Name = "Camera" }).ClickAsync();
        await Class("seen").GetByRole(AriaRole.Button, new() { Name = "Take a photo" }).ClickAsync();

        await Expect(Class("seen")).ToContainTextAsync("1 photo");
        await Class("seen").GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await Expect(Class("seen").Locator("video")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Add_FileThatIsNoPicture_SaysWhich()
    {
        ExpectedStatuses.Add(415);
        await OpenAsync("broken");
        await AddClassAsync("a");
        await ChooseFor("a", Pictures.Text("notes.jpg"));

        await Expect(Page.Locator("#train-problem")).ToContainTextAsync("No picture that the server can read notes.jpg: ");
        await Expect(Class("a")).ToContainTextAsync("0 photos");
    }

    private ILocator Class(string name) =>
        Page.Locator(".class").Filter(new() { Has = Page.GetByRole(AriaRole.Heading, new() { Name = name, Exact = true }) });

    private async Task OpenAsync(string? suffix = null)
    {
        await Button("Your own classes").ClickAsync();
        await Page.GetByLabel("What is the model called?").FillAsync(suffix is null ? Model : $"{Model}-{suffix}");
        await Button("Open").ClickAsync();
        await Expect(Page.Locator("#class-name")).ToBeFocusedAsync();
    }

    private async Task AddClassAsync(string name)
    {
        await Page.GetByLabel("A class, such as ripe").FillAsync(name);
        await Button("Add class").ClickAsync();
        await Expect(Class(name)).ToBeFocusedAsync();
    }

    private async Task AddPhotosAsync(string name, SKColor colour, int first, int count)
    {
        await ChooseFor(name, [.. Enumerable.Range(first, count).Select(number => Pictures.Discs($"{number}.jpg", colour, number))]);
        await Expect(Class(name)).ToContainTextAsync($"{count} photos");
        await Expect(Class(name).Locator(".thumbs img[src]")).ToHaveCountAsync(count);
    }

    private async Task ChooseFor(string name, params string[] files)
    {
        IFileChooser chooser = await Page.RunAndWaitForFileChooserAsync(
            () => Class(name).GetByRole(AriaRole.Button, new() { Name = "Add photos" }).ClickAsync());
        await chooser.SetFilesAsync(files);
    }

    private async Task AssertClean()
    {
        var result = await Page.RunAxe();
        Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(violation =>
            $"{violation.Id}: {violation.Help}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}")));
        Assert.True(await Page.EvaluateAsync<bool>("() => document.documentElement.scrollWidth <= innerWidth"));
    }
}

public sealed class LightTrainingTests(Chromium chromium, PageServers servers) : TrainingTests(chromium, servers, ColorScheme.Light);

public sealed class DarkTrainingTests(Chromium chromium, PageServers servers) : TrainingTests(chromium, servers, ColorScheme.Dark);
