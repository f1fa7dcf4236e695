using System.ComponentModel.DataAnnotations;
using System.Diagnostics.CodeAnalysis;

namespace ResNetFunctions.Inference.Models;

/// <summary>Settings that are validated by their attributes.</summary>
[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicProperties)]
public abstract class ValidatedOptions
{
    /// <summary>The errors, a sentence each.</summary>
    [UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "The class's attribute keeps the properties.")]
    public virtual IReadOnlyList<string> Validate()
    {
        List<ValidationResult> results = [];
        var context = new ValidationContext(this, GetType().Name, serviceProvider: null, items: null);
        Validator.TryValidateObject(this, context, results, validateAllProperties: true);
        return [.. results.Select(r => r.ErrorMessage ?? "A setting is invalid.")];
    }
}

/// <summary>The range of a setting of type TimeSpan.</summary>
[AttributeUsage(AttributeTargets.Property)]
[method: UnconditionalSuppressMessage("Trimming", "IL2026", Justification = "TimeSpan's converter is always there.")]
public sealed class TimeSpanRangeAttribute(string minimum, string maximum) : RangeAttribute(typeof(TimeSpan), minimum, maximum);
