using ResNetFunctions.Inference;
using ResNetFunctions.ModelTools.Quantization;

namespace ResNetFunctions.Tests.Inference;

public class AgreementTests
{
    [Fact]
    public void Add_AnswersAlikeAndUnlike_AreCounted()
    {
        var agreement = new Agreement();
        agreement.Add(Answer(0.4f, 0.3f, 0.2f, 0.1f, 0, 0), Answer(0.35f, 0.3f, 0.25f, 0.1f, 0, 0));
        agreement.Add(Answer(0.4f, 0.3f, 0.2f, 0.1f, 0, 0), Answer(0.3f, 0.4f, 0.2f, 0.1f, 0, 0));
        agreement.Add(Answer(0.4f, 0.3f, 0.2f, 0.1f, 0, 0), Answer(0, 0.25f, 0.2f, 0.2f, 0.2f, 0.15f));
        agreement.Add(Answer(1, 0, 0, 0, 0, 0), Answer(1, 0, 0, 0, 0, 0));

        Assert.Equal((4, 50.0, 75.0), (agreement.Photos, agreement.Top1, agreement.Top5));
        Assert.Equal((0.05 + 0.1 + 0.4 + 0) / 4, agreement.ConfidenceChange, 1e-6);
    }

    private static Prediction[] Answer(params float[] confidences) =>
        [.. confidences.Select(static (confidence, i) => new Prediction(i, "", "", confidence)).OrderByDescending(static p => p.Confidence)];
}
