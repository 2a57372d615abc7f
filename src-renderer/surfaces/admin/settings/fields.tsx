import { Checkbox, NativeSelect, TextInput } from '@mantine/core';

interface Field<Value> {
  readonly label: string;
  readonly description?: string;
  readonly value: Value;
  onChange(value: Value): void;
}

/** A number within bounds; 0 while what is typed is none. */
export const NumberField = ({
  onChange,
  ...props
}: Field<number> & { readonly min: number; readonly max: number; readonly step?: number }) => (
  <TextInput {...props} type="number" onChange={(event) => onChange(event.currentTarget.valueAsNumber || 0)} />
);

/** Something that holds or does not. */
export const SwitchField = ({ value, onChange, ...props }: Field<boolean>) => (
  <Checkbox {...props} checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />
);

/** One of a few. */
export const ChoiceField = <Value extends string>({
  options,
  onChange,
  ...props
}: Field<Value> & { readonly options: readonly { readonly value: Value; readonly label: string }[] }) => (
  <NativeSelect {...props} data={[...options]} onChange={(event) => onChange(event.currentTarget.value as Value)} />
);
