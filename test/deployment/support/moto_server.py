"""A moto server that takes our template.

moto's CloudFormation knows no APIs of API Gateway v2 and no names of buses, and takes warnings of cfn-lint for errors.
"""
import sys

import moto.cloudformation.models as cloudformation
from moto.core.common_models import CloudFormationModel
from moto.events.models import EventBus
from moto.moto_api._internal import mock_random
from moto.server import main


class GatewayApi(CloudFormationModel):
    """An API that has an id and an address, and answers nothing."""

    # moto finds the service of a model by its module.
    __module__ = "moto.apigatewayv2.models"

    def __init__(self, scheme: str, region: str):
        self.physical_resource_id = mock_random.get_random_hex(8)
        self.address = f"{scheme}://{self.physical_resource_id}.execute-api.{region}.amazonaws.com"

    @staticmethod
    def cloudformation_name_type():
        return ""

    @staticmethod
    def cloudformation_type():
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def has_cfn_attr(cls, attr):
        return attr == "ApiEndpoint"

    def get_cfn_attribute(self, _name):
        return self.address

    @classmethod
    def create_from_cloudformation_json(cls, _name, definition, _account, region, **_):
        protocol = definition["Properties"]["ProtocolType"]
        return cls("wss" if protocol == "WEBSOCKET" else "https", region)

    @classmethod
    def update_from_cloudformation_json(cls, original, *_):
        return original

    @classmethod
    def delete_from_cloudformation_json(cls, *_):
        pass


# moto does not know what a Ref to a bus is; in AWS it is the name.
EventBus.physical_resource_id = property(lambda bus: bus.name)

validate = cloudformation.validate_template_cfn_lint
cloudformation.validate_template_cfn_lint = lambda template: [
    match for match in validate(template) if match.rule.id.startswith("E")
]

main(["-H", "127.0.0.1", "-p", sys.argv[1]])
