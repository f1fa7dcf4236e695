using ResNetFunctions.Inference.Models;

namespace ResNetFunctions.Inference.Sessions;

/// <summary>The models in memory, loaded on first use. Above <see cref="ModelOptions.MaxLoadedModels"/> the least recently
/// used one that is idle is unloaded. The next caller retries a failed load.</summary>
internal sealed class LoadedModels(ModelStore store, ModelOptions options) : IDisposable
{
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private long _clock;

    /// <summary>How many times a model was loaded.</summary>
    public int Loads { get; private set; }

    public IReadOnlyList<ModelIdentity> Identities
    {
        get
        {
            lock (_entries)
                return [.. _entries.Values.Where(e => e.Loading.IsCompletedSuccessfully).Select(e => e.Loading.Result.Identity)];
        }
    }

    /// <summary>Keeps a model in memory until the result is disposed; loads it if need be.</summary>
    /// <exception cref="InvalidModelException">It could not be loaded.</exception>
    public async Task<Hold> HoldAsync(Manifest manifest, CancellationToken cancellationToken)
    {
        Entry entry;
        lock (_entries)
        {
            if (!_entries.TryGetValue(manifest.Name, out entry!))
            {
                // The load continues if this caller leaves: others wait for it too.
                Loads++;
                entry = new Entry(manifest.Name, Task.Run(() => ModelSession.Load(store, manifest, options), CancellationToken.None));
                _entries.Add(manifest.Name, entry);
            }
            entry.Users++;
            entry.LastUsed = ++_clock;
        }

        try
        {
            ModelSession session = await entry.Loading.WaitAsync(cancellationToken).ConfigureAwait(false);
            LetGoOfOldest();
            return new Hold(this, entry, session);
        }
        catch (Exception e)
        {
            bool failed = entry.Loading.IsFaulted;
            lock (_entries)
            {
                if (failed && _entries.GetValueOrDefault(entry.Name) == entry)
                    _entries.Remove(entry.Name);
            }
            Release(entry);
            if (failed && e is not InvalidModelException)
                throw new InvalidModelException($"The model {manifest.Name} could not be loaded.", e);
            throw;
        }
    }

    public void Forget(string name)
    {
        lock (_entries)
        {
            if (_entries.Remove(name, out Entry? entry) && entry.Users == 0)
                _ = UnloadAsync(entry);
        }
    }

    private void LetGoOfOldest()
    {
        lock (_entries)
        {
            while (_entries.Count > options.MaxLoadedModels
                && _entries.Values.Where(e => e.Users == 0).MinBy(e => e.LastUsed) is { } oldest)
            {
                _entries.Remove(oldest.Name);
                _ = UnloadAsync(oldest);
            }
        }
    }

    private void Release(Entry entry)
    {
        lock (_entries)
        {
            entry.Users--;
            if (entry.Users == 0 && _entries.GetValueOrDefault(entry.Name) != entry)
                _ = UnloadAsync(entry);
        }
        LetGoOfOldest();
    }

    // On the thread pool: callers hold the lock.
    private static async Task UnloadAsync(Entry entry)
    {
        await ((Task)entry.Loading).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ForceYielding);
        if (entry.Loading.IsCompletedSuccessfully)
            entry.Loading.Result.Dispose();
    }

    public void Dispose()
    {
        Task[] unloading;
        lock (_entries)
        {
            unloading = [.. _entries.Values.Where(e => e.Users == 0).Select(UnloadAsync)];
            _entries.Clear();
        }
        Task.WaitAll(unloading);
    }

    internal sealed class Entry(string name, Task<ModelSession> loading)
    {
        public string Name { get; } = name;

        public Task<ModelSession> Loading { get; } = loading;

        public int Users { get; set; }

        public long LastUsed { get; set; }
    }

    internal sealed class Hold(LoadedModels owner, Entry entry, ModelSession session) : IDisposable
    {
        public ModelSession Session { get; } = session;

        public void Dispose() => owner.Release(entry);
    }
}
