using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Configuration;
using ResNetFunctions.Inference;

namespace ResNetFunctions.Api;

/// <summary>Section <c>ResNet</c>: the classifier's settings and those of its HTTP surface.</summary>
public sealed class ResNetOptions : ClassifierOptions
{
    private string? _bindingError;

    /// <summary>The largest request in bytes, all files of a multipart body together. Default: 64 MiB.</summary>
    [Range(1, 1L << 31)]
    public long MaxRequestBytes { get; set; } = 64L << 20;

    /// <summary>The key that <c>serve</c> asks for in <c>x-functions-key</c> or <c>?code=</c>. Default: none.</summary>
    public string? ApiKey { get; set; }

    /// <summary>The origins whose pages may call <c>serve</c>. Default: none.</summary>
    public IList<string> Cors { get; } = [];

    /// <summary>Reads the section. What is wrong with it is told by <see cref="Validate"/>, a misspelt name too.</summary>
    /// <param name="configuration">The host's configuration.</param>
    /// <param name="defaults">What holds where the section says nothing; it is filled in and returned.</param>
    public static ResNetOptions Read(IConfiguration configuration, ResNetOptions? defaults = null)
    {
        ResNetOptions options = defaults ?? new ResNetOptions();
        try
        {
            configuration.GetSection("ResNet").Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
        }
        catch (InvalidOperationException e)
        {
            options._bindingError = e.Message;
        }
        return options;
    }

    /// <inheritdoc/>
    public override IReadOnlyList<string> Validate() =>
        _bindingError is null ? base.Validate() : [_bindingError, .. base.Validate()];
}
