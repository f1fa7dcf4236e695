# The Functions app in a container, for Azure Container Apps or any other host of linux/amd64 images. It holds the same
# publish output that azd deploys, with one model: RESNET_MODEL, or else the official ResNet-18 where models/ has it, or
# else the bundled one.
#
#   docker build --platform linux/amd64 -t resnetfunctions .
#   docker build --platform linux/amd64 --build-arg RESNET_MODEL=NAME -t resnetfunctions .
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
ARG RESNET_MODEL=default
ARG VERSION=1.0.0
WORKDIR /src
COPY . .
RUN dotnet publish src/ResNetFunctions -c Release -o /app -p:ResNetModel="$RESNET_MODEL" -p:Version="$VERSION"

FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0

# Flex Consumption has only Event Grid; a container polls, unless an event subscription is made for it.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    Blobs__TriggerSource=Polling

COPY --from=build /app /home/site/wwwroot
