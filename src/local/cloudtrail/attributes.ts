import type { CloudTrailRecord } from './record.ts';

/** What LookupEvents finds records by. */
export const LOOKUP_ATTRIBUTE_KEYS = [
  'EventId',
  'EventName',
  'ReadOnly',
  'Username',
  'ResourceType',
  'ResourceName',
  'EventSource',
  'AccessKeyId',
] as const;

export interface LookupAttribute {
  readonly key: (typeof LOOKUP_ATTRIBUTE_KEYS)[number];
  readonly value: string;
}

/** All attributes that a lookup finds the record by. */
export function attributesOf(record: CloudTrailRecord): readonly LookupAttribute[] {
  const attributes: LookupAttribute[] = [
    { key: 'EventId', value: record.eventID },
    { key: 'EventName', value: record.eventName },
    { key: 'ReadOnly', value: String(record.readOnly) },
    { key: 'EventSource', value: record.eventSource },
  ];
  const userName = userNameOf(record);
  if (userName !== undefined) attributes.push({ key: 'Username', value: userName });
  const { accessKeyId } = record.userIdentity;
  if (accessKeyId !== undefined) attributes.push({ key: 'AccessKeyId', value: accessKeyId });
  for (const { ResourceType, ResourceName } of resourcesOf(record)) {
    attributes.push({ key: 'ResourceType', value: ResourceType }, { key: 'ResourceName', value: ResourceName });
  }
  return attributes;
}

/** `root`, the name of a user, or that of a role session. */
export function userNameOf({ userIdentity }: CloudTrailRecord): string | undefined {
  switch (userIdentity.type) {
    case 'Root':
      return 'root';
    case 'IAMUser':
      return userIdentity.userName;
    case 'AssumedRole':
      return userIdentity.principalId?.split(':')[1];
    case 'Unknown':
    case 'AWSAccount':
      return undefined;
    default:
      return userIdentity.type satisfies never;
  }
}

/** Each resource by its name and by its ARN, as people look for either. */
export function resourcesOf({
  resources = [],
}: CloudTrailRecord): Array<{ ResourceType: string; ResourceName: string }> {
  return resources.flatMap(({ type, ARN }) => {
    const name = ARN.split(':')
      .slice(5)
      .join(':')
      .replace(/^(?:table|role)\//, '');
    return [...new Set([name, ARN])].map((ResourceName) => ({ ResourceType: type, ResourceName }));
  });
}
