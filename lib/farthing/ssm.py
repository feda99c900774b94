"""AWS Systems Manager Parameter Store as a source of settings."""

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from farthing.errors import ConfigurationError


def read_parameters(path: str) -> dict[str, str]:
    """Read every parameter under a path, decrypted, by the last part of its name.

    :param path: such as ``/farthing/prod``; ``/farthing/prod/lake_url`` then sets ``lake_url``.
    :raises ConfigurationError: if AWS refuses or cannot be reached.
    """
    try:
        pages = boto3.client("ssm").get_paginator("get_parameters_by_path")
        found = [
            parameter for page in pages.paginate(Path=path, WithDecryption=True) for parameter in page["Parameters"]
        ]
    except (BotoCoreError, ClientError) as exc:
        raise ConfigurationError(
            f"The settings under {path} in AWS SSM cannot be read ({type(exc).__name__}): "
            "check AWS_REGION and the credentials, or unset FARTHING_SSM_PATH."
        ) from None
    return {parameter["Name"].rsplit("/", 1)[-1]: parameter["Value"] for parameter in found}
