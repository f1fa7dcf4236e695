namespace ResNetFunctions.Api.Queue;

/// <summary>Lets images run side by side. An image that may end the process runs alone, so that it takes no other with
/// it.</summary>
internal sealed class Turns : IDisposable
{
    private const int Places = 64;

    private readonly SemaphoreSlim _places = new(Places);
    private readonly SemaphoreSlim _alone = new(1);

    public async Task<IDisposable> EnterAsync(bool alone, CancellationToken cancellationToken)
    {
        if (!alone)
        {
            await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Turn(() => _places.Release());
        }
        await _alone.WaitAsync(cancellationToken).ConfigureAwait(false);
        int taken = 0;
        try
        {
            for (; taken < Places; taken++)
                await _places.WaitAsync(cancellationToken).ConfigureAwait(false);
            return new Turn(Leave);
        }
        catch
        {
            Leave();
            throw;
        }

        void Leave()
        {
            if (taken > 0)
                _places.Release(taken);
            _alone.Release();
        }
    }

    public void Dispose()
    {
        _places.Dispose();
        _alone.Dispose();
    }

    private sealed class Turn(Action leave) : IDisposable
    {
        public void Dispose() => leave();
    }
}
