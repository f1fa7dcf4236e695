using System.Collections.Concurrent;
using Microsoft.Playwright;

namespace ResNetFunctions.EndToEnd.Page;

/// <summary>The page in its own browser window. Each test ends by asserting that the browser reported no console error, no
/// violation of the policy, and no request to another host.</summary>
[Collection(nameof(PageTest))] // one after another: they share the clipboard
public abstract class PageTest(Chromium chromium, Func<Task<PageServer>> start) : IAsyncLifetime
{
    private readonly ConcurrentQueue<string> _reports = new();
    private IBrowserContext? _context;

    protected IPage Page { get; private set; } = null!;

    /// <summary>HTTP errors that the test provokes; the browser itself writes each to the console.</summary>
    protected HashSet<int> ExpectedStatuses { get; } = [];

    /// <summary>Other reports that the test provokes.</summary>
    protected HashSet<string> ExpectedReports { get; } = [];

    protected ILocator Cards => Page.Locator("#cards > li");

    protected static CancellationToken Token => TestContext.Current.CancellationToken;

    protected virtual BrowserNewContextOptions Window => new() { Locale = "en-US" };

    public async ValueTask InitializeAsync()
    {
        IBrowser browser = chromium.OrSkip();
        PageServer server = await start();
        _context = await browser.NewContextAsync(Window);
        await _context.GrantPermissionsAsync(["camera", "clipboard-read", "clipboard-write"]);
        _context.SetDefaultTimeout(15_000);
        Assertions.SetDefaultExpectTimeout(15_000);
        _context.Request += (_, request) =>
        {
            var url = new Uri(request.Url);
            if (url.Scheme is "http" or "https" && url.Authority != server.Address.Authority)
                _reports.Enqueue($"a request to {url}");
        };
        Page = await _context.NewPageAsync();
        Page.FileChooser += (_, _) => { }; // caught from now on, not only once a test has begun to wait for one
        Page.PageError += (_, error) => _reports.Enqueue(error);
        Page.Console += (_, message) =>
        {
            if (message.Type is "error" or "warning" && !IsExpected(message.Text))
                _reports.Enqueue($"{message.Type}: {message.Text}");
        };
        await Page.GotoAsync(server.Address.OriginalString);
        await Assertions.Expect(Page.Locator("#model")).ToBeEnabledAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_context is not null)
            await _context.DisposeAsync();
        Assert.Empty(_reports.Except(ExpectedReports));
        GC.SuppressFinalize(this);
    }

    protected ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    protected async Task Choose(params string[] files)
    {
        IFileChooser chooser = await Page.RunAndWaitForFileChooserAsync(() => Button("Choose pictures").ClickAsync());
        await chooser.SetFilesAsync(files);
    }

    protected static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    protected static Task ExpectState(ILocator card, string state) =>
        Expect(card).ToHaveAttributeAsync("data-state", state);

    private bool IsExpected(string text) => ExpectedStatuses.Any(status =>
        text.StartsWith($"Failed to load resource: the server responded with a status of {status} ", StringComparison.Ordinal));
}
