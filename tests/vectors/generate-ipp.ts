/**
 * IPP messages byte by byte, beside what they say: written by hand from RFC 8010 (its appendix A among them), so that neither
 * half comes from the codec. Nothing here knows a length but `field`.
 */
export const ippMessageVectors = (): object[] => [...examples(), ...syntaxes(), ...replies(), ...refusals()];

const octets = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const counted = (value: string | Buffer): Buffer => {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes]);
};
const field = (tag: string, name: string | Buffer, value: string | Buffer): Buffer =>
  Buffer.concat([octets(tag), counted(name), counted(value)]);
const withLanguage = (language: string, text: string): Buffer => Buffer.concat([counted(language), counted(text)]);

/** Version, code and request-id, then the parts, then the end. */
const message = (head: string, ...parts: (string | Buffer)[]): Buffer =>
  Buffer.concat([octets(head), ...parts.map((part) => (typeof part === 'string' ? octets(part) : part)), octets('03')]);

type Value = [tag: string | number, value: unknown];
const attribute = (name: string, ...values: Value[]) => ({
  name,
  values: values.map(([tag, value]) => ({ tag, value }))
});
const group = (tag: string | number, ...attributes: object[]) => ({ tag, attributes });
const says = (code: number, requestId: number, ...groups: object[]) => ({ version: '1.1', code, requestId, groups });

const charset = [
  field('47', 'attributes-charset', 'utf-8'),
  field('48', 'attributes-natural-language', 'en-us')
] as const;
const saidCharset = [
  attribute('attributes-charset', ['charset', 'utf-8']),
  attribute('attributes-natural-language', ['naturalLanguage', 'en-us'])
];
const printer = 'ipp://printer.example.com/ipp/print/pinetree';
const saidPrinter = attribute('printer-uri', ['uri', printer]);
const operationGroup = (...attributes: object[]) =>
  group('operation-attributes-tag', ...saidCharset, saidPrinter, ...attributes);
const statusGroup = (text: string) =>
  group('operation-attributes-tag', ...saidCharset, attribute('status-message', ['textWithoutLanguage', text]));

/** After RFC 8010 appendix A. */
function examples(): object[] {
  const target = [...charset, field('45', 'printer-uri', printer)];
  const job = [
    field('21', 'job-id', octets('00000093')),
    field('45', 'job-uri', `${printer}/147`),
    field('23', 'job-state', octets('00000003'))
  ];
  const saidJob = group(
    'job-attributes-tag',
    attribute('job-id', ['integer', 147]),
    attribute('job-uri', ['uri', `${printer}/147`]),
    attribute('job-state', ['enum', 3])
  );
  const ignored = 'successful-ok-ignored-or-substituted-attributes';
  return [
    accepted(
      'A.1 Print-Job request',
      message(
        '0101 0002 00000001',
        '01',
        ...target,
        field('42', 'job-name', 'foobar'),
        field('22', 'ipp-attribute-fidelity', octets('01')),
        '02',
        field('21', 'copies', octets('00000014')),
        field('44', 'sides', 'two-sided-long-edge')
      ),
      says(
        2,
        1,
        operationGroup(
          attribute('job-name', ['nameWithoutLanguage', 'foobar']),
          attribute('ipp-attribute-fidelity', ['boolean', true])
        ),
        group(
          'job-attributes-tag',
          attribute('copies', ['integer', 20]),
          attribute('sides', ['keyword', 'two-sided-long-edge'])
        )
      )
    ),
    accepted(
      'A.2 Print-Job response',
      message('0101 0000 00000001', '01', ...charset, field('41', 'status-message', 'successful-ok'), '02', ...job),
      says(0, 1, statusGroup('successful-ok'), saidJob)
    ),
    accepted(
      'A.4 Print-Job response with unsupported attributes',
      message(
        '0101 0001 00000001',
        '01',
        ...charset,
        field('41', 'status-message', ignored),
        '05',
        field('21', 'copies', octets('00000014')),
        field('10', 'sides', ''),
        '02',
        ...job
      ),
      says(
        1,
        1,
        statusGroup(ignored),
        group(
          'unsupported-attributes-tag',
          attribute('copies', ['integer', 20]),
          attribute('sides', ['unsupported', null])
        ),
        saidJob
      )
    ),
    accepted(
      'A.6 Create-Job request without a job group',
      message('0101 0005 00000001', '01', ...target),
      says(5, 1, operationGroup())
    ),
    accepted(
      'A.7 Create-Job request with a nested collection',
      message(
        '0101 0005 00000001',
        '01',
        ...target,
        '02',
        field('34', 'media-col', ''),
        field('4a', '', 'media-size'),
        field('34', '', ''),
        field('4a', '', 'x-dimension'),
        field('21', '', octets('00005208')),
        field('4a', '', 'y-dimension'),
        field('21', '', octets('00007404')),
        field('37', '', ''),
        field('4a', '', 'media-type'),
        field('44', '', 'stationery'),
        field('37', '', '')
      ),
      says(
        5,
        1,
        operationGroup(),
        group(
          'job-attributes-tag',
          attribute('media-col', [
            'begCollection',
            [
              attribute('media-size', [
                'begCollection',
                [attribute('x-dimension', ['integer', 21000]), attribute('y-dimension', ['integer', 29700])]
              ]),
              attribute('media-type', ['keyword', 'stationery'])
            ]
          ])
        )
      )
    ),
    accepted(
      'A.8 Get-Jobs request with a set',
      message(
        '0101 000a 0000007b',
        '01',
        ...target,
        field('21', 'limit', octets('00000032')),
        field('44', 'requested-attributes', 'job-id'),
        field('44', '', 'job-name'),
        field('44', '', 'document-format')
      ),
      says(
        10,
        123,
        operationGroup(
          attribute('limit', ['integer', 50]),
          attribute(
            'requested-attributes',
            ['keyword', 'job-id'],
            ['keyword', 'job-name'],
            ['keyword', 'document-format']
          )
        )
      )
    ),
    accepted(
      'A.9 Get-Jobs response with repeated and empty groups',
      message(
        '0101 0000 0000007b',
        '01',
        ...charset,
        field('41', 'status-message', 'successful-ok'),
        '02',
        field('21', 'job-id', octets('00000093')),
        field('36', 'job-name', withLanguage('fr-ca', 'fou')),
        '02',
        '02',
        field('21', 'job-id', octets('00000094')),
        field('36', 'job-name', withLanguage('de-CH', 'isch guet'))
      ),
      says(
        0,
        123,
        statusGroup('successful-ok'),
        group(
          'job-attributes-tag',
          attribute('job-id', ['integer', 147]),
          attribute('job-name', ['nameWithLanguage', { language: 'fr-ca', text: 'fou' }])
        ),
        group('job-attributes-tag'),
        group(
          'job-attributes-tag',
          attribute('job-id', ['integer', 148]),
          attribute('job-name', ['nameWithLanguage', { language: 'de-CH', text: 'isch guet' }])
        )
      )
    )
  ];
}

const request = '0101 000b 00000001';
const one = (tag: string, value: string | Buffer): Buffer => message(request, '01', field(tag, 'a', value));
const saysOne = (...values: Value[]) => says(11, 1, group('operation-attributes-tag', attribute('a', ...values)));

/** Each syntax of section 3.9, and what stands at its edges. */
function syntaxes(): object[] {
  const valid: [name: string, tag: string, value: string | Buffer, ...said: Value][] = [
    ['the lowest integer', '21', octets('80000000'), 'integer', -(2 ** 31)],
    ['an enum', '23', octets('00000005'), 'enum', 5],
    ['false', '22', octets('00'), 'boolean', false],
    ['an empty text', '41', '', 'textWithoutLanguage', ''],
    ['text with every length of UTF-8', '41', 'aä€🖨', 'textWithoutLanguage', 'aä€🖨'],
    ['text that begins with a byte order mark', '41', octets('efbbbf61'), 'textWithoutLanguage', '\ufeffa'],
    ['text with a NUL', '42', octets('610062'), 'nameWithoutLanguage', 'a\0b'],
    ['a text with language, both empty', '35', octets('00000000'), 'textWithLanguage', { language: '', text: '' }],
    ['a uriScheme', '46', 'ipps', 'uriScheme', 'ipps'],
    ['a mimeMediaType', '49', 'image/urf', 'mimeMediaType', 'image/urf'],
    ['an empty octetString', '30', '', 'octetString', Buffer.alloc(0)],
    ['an octetString of any bytes', '30', octets('00ff8003'), 'octetString', octets('00ff8003')],
    ['a range from high to low', '33', octets('00000005 fffffffe'), 'rangeOfInteger', { lower: 5, upper: -2 }],
    ['a resolution', '32', octets('00000258 0000012c 03'), 'resolution', { cross: 600, feed: 300, units: 3 }],
    ['a leap second', '31', octets('07e8 0c 1f 17 3b 3c 09 2d 0e 00'), 'dateTime', '2024-12-31T23:59:60.9-14:00'],
    ['the year 0', '31', octets('0000 01 01 00 00 00 00 2b 00 00'), 'dateTime', '0000-01-01T00:00:00.0+00:00'],
    ['the year 65535', '31', octets('ffff 01 01 00 00 00 00 2b 00 00'), 'dateTime', '65535-01-01T00:00:00.0+00:00'],
    ['admin-define', '17', '', 'admin-define', null],
    ['an empty extension', '7f', octets('40000001'), 'extension', { tag: 0x40000001, bytes: Buffer.alloc(0) }],
    ['the highest extension', '7f', octets('7fffffff 00'), 'extension', { tag: 0x7fffffff, bytes: octets('00') }],
    ['an out-of-band tag without a name, with a value', '14', 'x', 0x14, Buffer.from('x')],
    ['the highest value tag', 'ff', '', 0xff, Buffer.alloc(0)],
    ['a value of the greatest length', '30', Buffer.alloc(0x7fff, 7), 'octetString', Buffer.alloc(0x7fff, 7)]
  ];
  const mixed = Buffer.concat([field('21', 'a', octets('00000001')), field('44', '', 'x'), field('13', '', '')]);
  return [
    ...valid.map(([name, tag, value, ...said]) => accepted(name, one(tag, value), saysOne(said))),
    accepted(
      'a set of mixed syntaxes',
      message(request, '01', mixed),
      saysOne(['integer', 1], ['keyword', 'x'], ['no-value', null])
    ),
    accepted(
      'an empty collection',
      message(request, '01', field('34', 'a', ''), field('37', '', '')),
      saysOne(['begCollection', []])
    ),
    accepted(
      'two collections in a set, one with a member that is a set',
      message(
        request,
        '01',
        field('34', 'a', ''),
        field('4a', '', 'm'),
        field('21', '', octets('00000001')),
        field('33', '', octets('00000002 00000003')),
        field('37', '', ''),
        field('34', '', ''),
        field('4a', '', 'm'),
        field('12', '', ''),
        field('37', '', '')
      ),
      saysOne(
        ['begCollection', [attribute('m', ['integer', 1], ['rangeOfInteger', { lower: 2, upper: 3 }])]],
        ['begCollection', [attribute('m', ['unknown', null])]]
      )
    ),
    accepted('no groups at all', message('0200 4004 80000000'), {
      version: '2.0',
      code: 0x4004,
      requestId: -(2 ** 31),
      groups: []
    }),
    accepted(
      'groups with and without a name, the same attribute twice',
      message(request, '0f', field('13', 'a', ''), field('13', 'a', ''), '0a 09 08 07 06'),
      says(
        11,
        1,
        group(0x0f, attribute('a', ['no-value', null]), attribute('a', ['no-value', null])),
        group(0x0a),
        group('document-attributes-tag'),
        group('resource-attributes-tag'),
        group('event-notification-attributes-tag'),
        group('subscription-attributes-tag')
      )
    )
  ];
}

/** What printers get wrong: refused in a request, kept as raw bytes in a reply. */
function replies(): object[] {
  const kept: [name: string, tag: string, value: Buffer][] = [
    ['text in Latin-1', '41', octets('4dfc6e7374')],
    ['text cut within a character', '41', octets('61e282')],
    ['text under no-value', '13', Buffer.from('none')],
    ['an integer of no bytes', '21', octets('')],
    ['an integer of two bytes', '21', octets('0001')],
    ['an enum of five bytes', '23', octets('0000000001')],
    ['a boolean of 2', '22', octets('02')],
    ['a boolean of four bytes', '22', octets('00000001')],
    ['a range of one integer', '33', octets('00000001')],
    ['a resolution without units', '32', octets('00000258 00000258')],
    ['a date of zeros', '31', octets('0000 00 00 00 00 00 00 00 00 00')],
    ['a date without a time zone', '31', octets('07ea 0b 16 0a 00 00 00')],
    ['a date in month 13', '31', octets('07ea 0d 01 00 00 00 00 2b 00 00')],
    ['a language longer than its value', '35', octets('0009 0000')],
    ['a name with language and bytes after it', '36', octets('0000 0000 00')],
    ['an extension without its tag', '7f', octets('400000')],
    ['an extension tag of more than 31 bits', '7f', octets('80000000')],
    ['a memberAttrName outside a collection', '4a', Buffer.from('media-size')],
    ['an endCollection outside a collection', '37', octets('')]
  ];
  return kept.map(([name, tag, value]) => ({
    name,
    valid: false,
    bytes: one(tag, value),
    status: 'client-error-bad-request',
    reply: saysOne([Number.parseInt(tag, 16), value])
  }));
}

/** What breaks the structure: refused wherever it comes from. */
function refusals(): object[] {
  const broken: [name: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['a prefix and nothing else', octets(request)],
    ['no end', octets(`${request} 01`)],
    ['bytes after the end', Buffer.concat([message(request), octets('00')])],
    ['the eighteen bytes that hang the ipp package', octets(`${request} 01 44 0001 61 8000 0000 00`)],
    ['a value length of 0xffff', octets(`${request} 01 44 0001 61 ffff 03`)],
    ['a negative name length', octets(`${request} 01 44 8001 61 0000 03`)],
    ['a value longer than the message', octets(`${request} 01 44 0001 61 0004 61 62 03`)],
    ['an attribute before any group', message(request, field('44', 'a', 'b'))],
    ['a first value without a name', message(request, '01', field('44', '', 'b'))],
    [
      'a value without a name after a new group',
      message(request, '01', field('44', 'a', 'b'), '02', field('44', '', 'b'))
    ],
    ['the reserved delimiter', message(request, '00')],
    ['an attribute name that is not UTF-8', message(request, '01', field('44', octets('ff'), 'b'))],
    ['a collection without an end', message(request, '01', field('34', 'a', ''))],
    [
      'a collection that a new group interrupts',
      message(request, '01', field('34', 'a', ''), '02', field('37', '', ''))
    ],
    ['a collection that begins with bytes', message(request, '01', field('34', 'a', 'x'), field('37', '', ''))],
    ['a collection that ends with bytes', message(request, '01', field('34', 'a', ''), field('37', '', 'x'))],
    ['a collection whose end has a name', message(request, '01', field('34', 'a', ''), field('37', 'a', ''))],
    [
      'a member without a value',
      message(request, '01', field('34', 'a', ''), field('4a', '', 'm'), field('37', '', ''))
    ],
    [
      'two member names in a row',
      message(
        request,
        '01',
        field('34', 'a', ''),
        field('4a', '', 'm'),
        field('4a', '', 'n'),
        field('13', '', ''),
        field('37', '', '')
      )
    ],
    [
      'a value before any member',
      message(request, '01', field('34', 'a', ''), field('13', '', ''), field('37', '', ''))
    ],
    [
      'a member without a name',
      message(request, '01', field('34', 'a', ''), field('4a', '', ''), field('13', '', ''), field('37', '', ''))
    ],
    [
      'a named value inside a collection',
      message(request, '01', field('34', 'a', ''), field('4a', '', 'm'), field('13', 'b', ''), field('37', '', ''))
    ],
    [
      'a member name that is not UTF-8',
      message(
        request,
        '01',
        field('34', 'a', ''),
        field('4a', '', octets('c0')),
        field('13', '', ''),
        field('37', '', '')
      )
    ]
  ];
  const deep = (depth: number) =>
    message(
      request,
      '01',
      field('34', 'a', ''),
      ...Array.from({ length: depth - 1 }, () => Buffer.concat([field('4a', '', 'a'), field('34', '', '')])),
      ...Array.from({ length: depth }, () => field('37', '', ''))
    );
  const refused = (name: string, bytes: Buffer, status = 'client-error-bad-request') => ({
    name,
    valid: false,
    bytes,
    status
  });
  const large = 'client-error-request-entity-too-large';
  return [
    ...broken.map(([name, bytes]) => refused(name, bytes)),
    refused('collections nested nine deep', deep(9), large),
    refused(
      'more values in one attribute than are taken',
      message(request, '01', field('13', 'a', ''), '1300000000'.repeat(4096)),
      large
    )
  ];
}

const accepted = (name: string, bytes: Buffer, said: object) => ({ name, valid: true, bytes, message: said });
