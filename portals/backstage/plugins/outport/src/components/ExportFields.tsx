import { DatePicker, Flex, Select, TextField } from '@backstage/ui';
import { now } from '@internationalized/date';

/** The fields that `requestIn` reads. */
export function ExportFields() {
  // DynamoDB keeps moments to the second.
  const present = now('UTC').set({ millisecond: 0 });
  return (
    <Flex direction="column" gap="4">
      <TextField name="bucket" label="Bucket" isRequired />
      <TextField name="prefix" label="Prefix" description="What the keys shall start with." />
      <TextField name="bucketOwner" label="Account of the bucket" description="Left out: the table's account." />
      <DatePicker
        name="exportTime"
        label="Point in time (UTC)"
        description="Left out: now. The last 35 days at most, and as far back as recovery has been on."
        granularity="second"
        hourCycle={24}
        placeholderValue={present}
        maxValue={present}
      />
      <Select
        name="exportFormat"
        label="Format"
        defaultValue="DYNAMODB_JSON"
        options={[
          { value: 'DYNAMODB_JSON', label: 'DynamoDB JSON' },
          { value: 'ION', label: 'Amazon Ion' },
        ]}
      />
    </Flex>
  );
}
