using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;
using ResNetFunctions.Api;

namespace ResNetFunctions.Tests.Infra;

/// <summary>The template against the code. The running app's reports are compared in ResNetFunctions.EndToEnd.</summary>
public sealed class ContractTests
{
    private static readonly string[] NotOfADeployment =
    [
        nameof(ResNetOptions.ApiKey), nameof(ResNetOptions.Cors), // `serve` alone reads them; here the platform has keys and CORS.
        nameof(ResNetOptions.ModelsPath), nameof(ResNetOptions.CachePath), // The model is in the package, and nothing is cached.
        nameof(ResNetOptions.Device), nameof(ResNetOptions.MaxBatch), nameof(ResNetOptions.BatchDelay), // No plan of Functions has GPUs.
    ];

    [Fact]
    public async Task ResNetSettings_OfTheTemplate_AreTheOptionsOfTheCode()
    {
        var settings = await SettingsAsync("resNetSettings");
        Assert.Equal(
            Options().Select(property => property.Name).Except(NotOfADeployment).Order(),
            settings.Select(setting => setting.Key).Order());
    }

    [Fact]
    public async Task ResNetSettings_OfTheTemplate_HaveTheTypesAndRangesOfTheCode()
    {
        var settings = await SettingsAsync("resNetSettings");
        foreach (PropertyInfo option in Options().Where(option => !NotOfADeployment.Contains(option.Name)))
        {
            var setting = settings[option.Name]!;
            Assert.Equal((option.Name, TypeOf(option)), (option.Name, (string?)setting["type"]));
            if (option.PropertyType.IsEnum)
                Assert.Equal(Enum.GetNames(option.PropertyType).Order(), setting["allowedValues"]!.AsArray().Select(name => (string?)name).Order());
            if (TypeOf(option) == "int")
            {
                var range = option.GetCustomAttribute<RangeAttribute>()!;
                Assert.Equal(
                    (option.Name, Convert.ToInt64(range.Minimum), Convert.ToInt64(range.Maximum)),
                    (option.Name, (long)setting["minValue"]!, (long)setting["maxValue"]!));
            }
        }
    }

    private static PropertyInfo[] Options() =>
        [.. typeof(ResNetOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.CanWrite)];

    private static string TypeOf(PropertyInfo option) =>
        option.PropertyType == typeof(bool) ? "bool"
        : option.PropertyType == typeof(int) || option.PropertyType == typeof(long) ? "int"
        : option.Name == nameof(ResNetOptions.ClientKey) ? "securestring" // A deployment's history does not show it.
        : "string";

    private static async Task<JsonObject> SettingsAsync(string type) =>
        (await Bicep.MainTemplateAsync())["definitions"]![type]!["properties"]!.AsObject();
}
