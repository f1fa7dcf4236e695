using System.Text.Json.Nodes;

namespace ResNetFunctions.Tests.Infra;

public sealed class TemplateTests
{
    [Fact]
    public async Task Parameters_OfBothStages_AreDescribed()
    {
        foreach (var template in (JsonObject[])[await Bicep.MainTemplateAsync(), await Bicep.EventsTemplateAsync()])
        {
            Assert.All(template["parameters"]!.AsObject(),
                parameter => Assert.False(string.IsNullOrWhiteSpace((string?)parameter.Value!["metadata"]?["description"]), parameter.Key));
        }
    }

    [Fact]
    public async Task Resources_OfEverything_HaveStableApiVersions()
    {
        var deployment = await Deployments.EverythingAsync();
        Assert.All(deployment.Resources, resource => Assert.DoesNotContain("preview", (string?)resource["apiVersion"], StringComparison.Ordinal));
    }

    [Fact]
    public async Task Alerts_ByLogQuery_TellByMailOnlyWhenAsked()
    {
        var quiet = await Deployments.DefaultAsync();
        Assert.Empty(quiet.OfType("Microsoft.Insights/actionGroups"));
        Assert.Equal(6, quiet.OfType("Microsoft.Insights/scheduledQueryRules").Count());

        var loud = await Deployments.EverythingAsync();
        string mail = (string)loud.Single("Microsoft.Insights/actionGroups")["id"]!;
        Assert.All(loud.OfType("Microsoft.Insights/scheduledQueryRules"),
            rule => Assert.Equal(mail, (string?)Assert.Single(rule["properties"]!["actions"]!["actionGroups"]!.AsArray())));
    }
}
