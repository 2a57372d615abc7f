import { urn } from './messages.ts';

/** What this service can do and what its resources look like (RFC 7643, sections 5 to 7): made once, the same for everybody. */
export const listedAtMost = 200;

export const serviceProviderConfig = (base: string) => ({
  schemas: ['urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig'],
  patch: { supported: true },
  bulk: { supported: false, maxOperations: 0, maxPayloadSize: 0 },
  filter: { supported: true, maxResults: listedAtMost },
  changePassword: { supported: false },
  sort: { supported: false },
  etag: { supported: true },
  authenticationSchemes: [
    {
      type: 'oauthbearertoken',
      name: 'API token',
      description: 'letterlock admin api-token create NAME --scopes scim:manage',
      primary: true
    }
  ],
  meta: { resourceType: 'ServiceProviderConfig', location: `${base}/ServiceProviderConfig` }
});

export const resourceTypes = (base: string) =>
  (['User', 'Group'] as const).map((id) => ({
    schemas: ['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],
    id,
    name: id,
    endpoint: `/${id}s`,
    schema: id === 'User' ? urn.user : urn.group,
    meta: { resourceType: 'ResourceType', location: `${base}/ResourceTypes/${id}` }
  }));

const attribute = (name: string, change: object = {}) => ({
  name,
  type: 'string',
  multiValued: false,
  required: false,
  caseExact: false,
  mutability: 'readWrite',
  returned: 'default',
  uniqueness: 'none',
  ...change
});
const several = (name: string, subAttributes: readonly object[], change: object = {}) =>
  attribute(name, { type: 'complex', multiValued: true, subAttributes, ...change });

const attributes = {
  User: [
    attribute('userName', { required: true, uniqueness: 'server' }),
    attribute('externalId', { caseExact: true, uniqueness: 'server' }),
    attribute('active', { type: 'boolean' }),
    several('emails', [attribute('value'), attribute('type'), attribute('primary', { type: 'boolean' })]),
    several('groups', [attribute('value'), attribute('display')], { mutability: 'readOnly' })
  ],
  Group: [
    attribute('displayName', { required: true, uniqueness: 'server' }),
    attribute('externalId', { caseExact: true }),
    several('members', [attribute('value', { mutability: 'immutable' }), attribute('type')])
  ]
};

export const schemas = (base: string) =>
  (['User', 'Group'] as const).map((name) => {
    const id = name === 'User' ? urn.user : urn.group;
    return {
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:Schema'],
      id,
      name,
      attributes: attributes[name],
      meta: { resourceType: 'Schema', location: `${base}/Schemas/${id}` }
    };
  });
