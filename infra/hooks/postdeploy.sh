#!/bin/sh
# After azd deployed the code: subscribes the app to the events of its images' storage account (infra/events.bicep).
# Can be run again at any time, by hand too: `azd hooks run postdeploy`.
set -eu
cd "$(dirname "$0")/../.."

for name in AZURE_SUBSCRIPTION_ID AZURE_RESOURCE_GROUP AZURE_FUNCTION_APP AZURE_EVENT_TOPIC AZURE_IMAGE_STORAGE \
    AZURE_IMAGES_CONTAINER AZURE_DEAD_LETTER_CONTAINER; do
  eval "value=\${$name:-}"
  if [ -z "$value" ]; then
    echo "$name is not set: run \`azd provision\` first." >&2
    exit 1
  fi
done
if ! command -v az >/dev/null; then
  echo "The Azure CLI (az) is needed for the event subscription: install it, run \`az login\`, then \`azd hooks run postdeploy\`." >&2
  exit 1
fi

az account show --subscription "$AZURE_SUBSCRIPTION_ID" --output none

# The host makes the webhook's key when it first starts with the new code. Only the names of keys come here.
attempt=1
until az functionapp keys list --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
    --name "$AZURE_FUNCTION_APP" --query "keys(systemKeys)" --output tsv | grep -qx blobs_extension; do
  if [ "$attempt" -ge "${WEBHOOK_ATTEMPTS:-30}" ]; then
    echo "The app's blob webhook has no key yet: look at its log stream, then \`azd hooks run postdeploy\`." >&2
    exit 1
  fi
  attempt=$((attempt + 1))
  sleep "${WEBHOOK_INTERVAL:-10}"
done

az deployment group create --subscription "$AZURE_SUBSCRIPTION_ID" --resource-group "$AZURE_RESOURCE_GROUP" \
  --name events --template-file infra/events.bicep --output none --parameters \
  functionAppName="$AZURE_FUNCTION_APP" topicName="$AZURE_EVENT_TOPIC" imageStorageName="$AZURE_IMAGE_STORAGE" \
  imagesContainer="$AZURE_IMAGES_CONTAINER" deadLetterContainer="$AZURE_DEAD_LETTER_CONTAINER"
echo "Images uploaded to $AZURE_IMAGES_CONTAINER in $AZURE_IMAGE_STORAGE are classified from now on."
