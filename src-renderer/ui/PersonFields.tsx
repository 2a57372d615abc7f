import { TextInput } from '@mantine/core';

interface FieldProps {
  readonly label: string;
  readonly description?: string;
  readonly value: string;
  onChange(value: string): void;
}

/** Somebody's name, as the first thing to be typed in a dialog. */
export const NameField = ({ onChange, ...props }: FieldProps) => (
  <TextInput
    {...props}
    onChange={(event) => onChange(event.currentTarget.value)}
    autoComplete="off"
    spellCheck={false}
    maxLength={128}
    data-autofocus
  />
);

/** `own`: of whoever types, so that the browser may help. */
export const EmailField = ({
  onChange,
  own = false,
  first = false,
  ...props
}: FieldProps & { readonly own?: boolean; readonly first?: boolean }) => (
  <TextInput
    {...props}
    type="email"
    onChange={(event) => onChange(event.currentTarget.value)}
    autoComplete={own ? 'email' : 'off'}
    spellCheck={false}
    maxLength={254}
    {...(first && { 'data-autofocus': true })}
  />
);
