# The Functions app in a container, for Azure Container Apps or any other host of linux/amd64 images. It takes the same
# publish output that azd deploys:
#
#   dotnet publish src/ResNetFunctions -c Release -o artifacts/app
#   docker build --platform linux/amd64 -t resnetfunctions .
FROM mcr.microsoft.com/azure-functions/dotnet-isolated:4-dotnet-isolated10.0

# Flex Consumption has only Event Grid; a container polls, unless an event subscription is made for it.
ENV AzureWebJobsScriptRoot=/home/site/wwwroot \
    AzureFunctionsJobHost__Logging__Console__IsEnabled=true \
    Blobs__TriggerSource=Polling

COPY artifacts/app /home/site/wwwroot
