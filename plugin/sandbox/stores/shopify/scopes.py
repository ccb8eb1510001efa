"""Fields that need a scope."""

from collections.abc import Callable
from typing import Any

from graphql import GraphQLError, GraphQLResolveInfo


def allowed(scope: str, resolve: Callable[..., Any]) -> Callable[..., Any]:
    """The resolver for whoever has this scope; to anybody else the field is refused."""

    def checked(info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        if scope not in info.context:
            raise denied(info.field_name, scope)
        return resolve(info, **arguments)

    return checked


def denied(field: str, scope: str) -> GraphQLError:
    """A field that needs a scope the token does not have."""
    needed = f"`{scope}` access scope."
    extensions = {"code": "ACCESS_DENIED", "requiredAccess": needed}
    return GraphQLError(f"Access denied for {field} field. Required access: {needed}", extensions=extensions)
