using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace ResNetFunctions;

/// <summary>How often the host has delivered a queue message.</summary>
internal static class Delivery
{
    public static long Of(FunctionContext context) =>
        context.BindingContext.BindingData.TryGetValue("DequeueCount", out object? count)
        && long.TryParse(count?.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out long deliveries)
            ? deliveries
            : throw new InvalidOperationException("The host does not say how often it has delivered the message.");
}
