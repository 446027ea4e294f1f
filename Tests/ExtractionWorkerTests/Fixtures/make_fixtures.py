"""Writes the fixtures beside it; only the standard library is used. The texts are the project's own.

    python3 make_fixtures.py
"""
import hashlib, os, zipfile, zlib

os.chdir(os.path.dirname(os.path.abspath(__file__)))


def save(name, data):
    with open(name, 'wb') as f:
        f.write(data if isinstance(data, bytes) else data.encode())


# Plain text -------------------------------------------------------------------------------------------------------

save('letter.txt', '''Storage of papers
=================

The store keeps what people have written and finds it
again by what it means, not by the words alone. A page
that was broken to fit a screen is joined.

- first item, which goes on
  in the next line
- second item
12. twelfth step

Short lines
stay apart

Y29uZmlkZW50aWFsIGRhdGEgdGhhdCBub2JvZHkgcmVhZHMgYXMgdGV4dCAxMjM0
Y29uZmlkZW50aWFsIGRhdGEgdGhhdCBub2JvZHkgcmVhZHMgYXMgdGV4dCAxMjM0
Y29uZmlkZW50aWFsIGRhdGEgdGhhdCBub2JvZHkgcmVhZHMgYXMgdGV4dCAxMjM0
c2hvcnQgdGFpbA==
Regards\x07, the keeper\u200b
''')

japanese = '''文庫のしくみ

共有フォルダーに置かれた文書を、意味で探せる
ようにする。ファイルを保存すると、すぐに検索
できる。テストは①②で、髙橋さんが確かめた。

・一つ目の項目
・二つ目の項目
'''
for name, codec in (('utf8', 'utf-8'), ('utf8-bom', 'utf-8-sig'), ('sjis', 'cp932'), ('utf16le-bom', 'utf-16-le'),
                    ('utf16be-bom', 'utf-16-be'), ('utf16le', 'utf-16-le'), ('utf16be', 'utf-16-be')):
    mark = '\ufeff' if name.startswith('utf16') and name.endswith('bom') else ''
    save(f'japanese-{name}.txt', (mark + japanese).encode(codec))
# EUC-JP and ISO-2022-JP have no circled digits and not this 髙.
plain = japanese.replace('①②', '一二').replace('髙', '高')
save('japanese-eucjp.txt', plain.encode('euc_jp'))
save('japanese-iso2022jp.txt', plain.encode('iso2022_jp'))
save('latin.txt', 'Café Müller – “naïve” résumé: 25 € für Größe und Straße.\n'.encode('cp1252'))
save('names.csv', 'name,place,note\n"Sato, Aiko",東京,"says ""hello"""\r\nMeier,,"two\nlines"\n')
save('program.py', 'def cut(text):\n    """Cuts."""\n    return text[:3]\n\n\nprint(cut("abcdef"))\n')

# Markdown ---------------------------------------------------------------------------------------------------------

save('notes.md', '''---
layout: page
title: "Notes on *storage*"
---

# Notes on *storage*

A **bold** word, an _emphasis_, `code *as is*`, snake_case_name and
a [link](https://example.com/a_(b) "title") to [another][ref], ![picture](a.png)
<b>tag</b> &amp; entity &#x6587;, 2 * 3, \\*literal\\*.

## 二つ目の節 {#second}

日本語の段落は、改行しても
つながる。

- item one
  continued
- [x] item two
1. step one

> A quote
> goes on.

| name | size |
|------|-----:|
| `a`  | 10 \\| 12 |

```swift
let x = 1
  let y = 2
```

Setext heading
---

<!-- hidden
comment -->
Last {{< call "x" >}} words.
''')

# HTML -------------------------------------------------------------------------------------------------------------

page = '''<!DOCTYPE html>
<html><head><meta charset="%s"><title>%s</title><style>p { color: red }</style></head>
<body><nav><ul><li>Home</li></ul></nav>
<h1>%s</h1>
<p>%s</p>
<ul><li>%s<ul><li>%s</li></ul></li></ul>
<table><tr><th>%s</th><th>B</th></tr><tr><td>1</td><td><p>2</p><p>3</p></td></tr></table>
<pre>  keep
    this</pre>
<div role="navigation">menu</div><div style="display: none">hidden</div>
<script>var a = "<p>no</p>";</script>
<p>one<br>two &amp; three &copy;
</body></html>
'''
english = ('utf-8', 'The page', 'Heading of <em>page</em>', 'A paragraph\nin   two\tlines.', 'item', 'inner', 'A')
ja = ('見出しのページ', '文庫の案内', '改行で分かれた\n文章もつながる。', '項目', '内側', '列')
save('page.html', page % english)
save('page-sjis.html', (page % ('Shift_JIS', *ja)).encode('cp932'))
save('page-eucjp.html', (page % ('EUC-JP', *ja)).encode('euc_jp'))

# Word -------------------------------------------------------------------------------------------------------------

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = ('<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>')


def p(text, style='', extra=''):
    style = f'<w:pStyle w:val="{style}"/>' if style else ''
    return f'<w:p><w:pPr>{style}{extra}</w:pPr><w:r><w:t xml:space="preserve">{text}</w:t></w:r></w:p>'


def cell(content):
    return f'<w:tc>{content}</w:tc>'


styles = (f'<w:styles {W}><w:style w:type="paragraph" w:styleId="a1"><w:name w:val="heading 1"/></w:style>'
          '<w:style w:type="paragraph" w:styleId="a2"><w:name w:val="house style"/><w:basedOn w:val="a3"/></w:style>'
          '<w:style w:type="paragraph" w:styleId="a3"><w:name w:val="base"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
          '<w:style w:type="paragraph" w:styleId="T"><w:name w:val="Title"/></w:style>'
          '<w:style w:type="paragraph" w:styleId="L"><w:name w:val="List Bullet"/></w:style></w:styles>')
body = (
    p('The yearly report', 'T') + p('第一章　はじめに', 'a1') +
    '<w:p><w:r><w:t>A sentence in </w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>several</w:t></w:r><w:r><w:t xml:space="preserve"> runs.</w:t>'
    '<w:tab/><w:t>After a tab</w:t><w:br/><w:t>and a break.</w:t></w:r>'
    '<w:del><w:r><w:delText>deleted</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t>hidden</w:t></w:r>'
    '<w:ins><w:r><w:t xml:space="preserve"> Inserted.</w:t></w:r></w:ins></w:p>' +
    p('A house heading', 'a2') + p('bullet', 'L') + p('numbered', '', '<w:numPr><w:ilvl w:val="0"/><w:numId w:val="3"/></w:numPr>') +
    '<w:tbl><w:tr>' + cell(p('name')) + cell(p('two') + p('parts')) + '</w:tr><w:tr>' + cell(p('outer')) +
    cell('<w:tbl><w:tr>' + cell(p('inner a')) + cell(p('inner b')) + '</w:tr></w:tbl>' + p('')) + '</w:tr></w:tbl>' +
    '<w:p><w:r><w:t>Before the box.</w:t></w:r><w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice><w:txbxContent>' + p('In the box.') + '</w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent>' + p('In the box.') +
    '</w:txbxContent></mc:Fallback></mc:AlternateContent></w:r></w:p>'
    '<w:p><w:r><w:ruby><w:rt><w:r><w:t>ぶんこ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>文庫</w:t></w:r></w:rubyBase></w:ruby></w:r><w:r><w:t>の本</w:t></w:r></w:p>')
notes = f'<w:footnotes {W}><w:footnote w:type="separator" w:id="0">{p("line")}</w:footnote><w:footnote w:id="2">{p("A note at the foot.")}</w:footnote></w:footnotes>'
core = ('<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Report 2031</dc:title></cp:coreProperties>')
parts = [('word/document.xml', f'<w:document {W}><w:body>{body}<w:sectPr/></w:body></w:document>'), ('word/styles.xml', styles),
         ('word/footnotes.xml', notes), ('word/header1.xml', f'<w:hdr {W}>{p("Confidential")}</w:hdr>'),
         ('word/header2.xml', f'<w:hdr {W}>{p("Confidential")}</w:hdr>'), ('docProps/core.xml', core), ('_rels/.rels', RELS)]


def zipped(name, parts):
    with zipfile.ZipFile(name, 'w', zipfile.ZIP_DEFLATED) as z:
        for path, text in parts:
            z.writestr(zipfile.ZipInfo(path, (2031, 1, 1, 0, 0, 0)), text, zipfile.ZIP_DEFLATED)


zipped('report.docx', parts)
entity = '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd"><!ENTITY y "yyyy">]>'
zipped('entity.docx', [('_rels/.rels', RELS), ('word/document.xml', f'{entity}<w:document {W}><w:body>{p("a &x; &y; b")}</w:body></w:document>')])
zipped('sheet.xlsx', [('_rels/.rels', RELS.replace('word/document', 'xl/workbook')), ('xl/workbook.xml', '<workbook/>')])
zipped('things.zip', [('a.txt', 'a')])

# PDF --------------------------------------------------------------------------------------------------------------


def pdf(objects, extra=b'', key=None):
    out, offsets = b'%PDF-1.4\n%\xe2\xe3\xcf\xd3\n', []
    for number, obj in enumerate(objects, 1):
        offsets.append(len(out))
        out += b'%d 0 obj\n%s\nendobj\n' % (number, obj(number) if callable(obj) else obj)
    start = len(out)
    out += b'xref\n0 %d\n0000000000 65535 f \n' % (len(objects) + 1) + b''.join(b'%010d 00000 n \n' % o for o in offsets)
    return out + b'trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n' % (len(objects) + 1, extra, start)


def stream(data, keys=b''):
    return b'<<%s/Length %d>>\nstream\n%s\nendstream' % (keys, len(data), data)


def lines(items, font=b'F1'):
    """items: (x, y, size, text or bytes)"""
    out = b''
    for x, y, size, text in items:
        shown = b'(%s)' % text.replace('(', r'\(').replace(')', r'\)').encode('cp1252') if isinstance(text, str) else b'<%s>' % text.hex().encode()
        out += b'BT /%s %d Tf %d %d Td %s Tj ET\n' % (font, size, x, y, shown)
    return out


def document(pages, fonts, title=None, extra=b''):
    count = len(pages)
    objects = [b'<</Type/Catalog/Pages 2 0 R>>',
               b'<</Type/Pages/Kids[%s]/Count %d>>' % (b' '.join(b'%d 0 R' % (4 + 2 * i) for i in range(count)), count), b'<<%s>>' % title if title else b'<<>>']
    base = 4 + 2 * count
    for i, content in enumerate(pages):
        objects.append(b'<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents %d 0 R/Resources<</Font<</F1 %d 0 R>>>>>>' % (5 + 2 * i, base))
        objects.append(stream(zlib.compress(content), b'/Filter/FlateDecode'))
    return pdf(objects + fonts, b'/Info 3 0 R' + extra)


HELVETICA = [b'<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>']
first = lines([(72, 770, 20, 'The keeping of documents'), (72, 730, 11, 'A store of writings must find what it keeps. The words of a docu-'),
               (72, 716, 11, 'ment are broken to fit the width of a page, and the reader puts'), (72, 702, 11, 'them together again.'),
               (72, 676, 11, 'A second paragraph stands a little lower, as paragraphs often do,'), (72, 662, 11, 'and is read for itself.'),
               (72, 640, 11, '• an item with a mark'), (72, 626, 11, '• another one')])
second = lines([(72, 770, 14, 'Results'), (72, 740, 11, 'The left column begins here'), (72, 726, 11, 'and goes on without an end'),
                (320, 740, 11, 'in the right column, where it'), (320, 726, 11, 'is closed.')])
save('report.pdf', document([first, second], HELVETICA, b'/Title(Microsoft Word - Report)'))
blank = document([b''], HELVETICA)
save('blank.pdf', blank)
save('scan.pdf', document([b'q 200 0 0 200 100 500 cm BI /W 2 /H 2 /CS /G /BPC 8 ID \x00\xff\xff\x00 EI Q'], HELVETICA))

JA = [b'<</Type/Font/Subtype/Type0/BaseFont/HeiseiMin-W3/Encoding/UniJIS-UCS2-H/DescendantFonts[%d 0 R]>>',
      b'<</Type/Font/Subtype/CIDFontType0/BaseFont/HeiseiMin-W3/CIDSystemInfo<</Registry(Adobe)/Ordering(Japan1)/Supplement 2>>/DW 1000/FontDescriptor %d 0 R>>',
      b'<</Type/FontDescriptor/FontName/HeiseiMin-W3/Flags 6/FontBBox[0 -200 1000 900]/ItalicAngle 0/Ascent 859/Descent -140/CapHeight 709/StemV 80>>']
u = lambda t: t.encode('utf-16-be')
content = lines([(72, 770, 18, u('文書の保管')), (72, 730, 11, u('共有フォルダーに置かれた文書を、意味で探せるようにするしくみを文')),
                 (72, 712, 11, u('庫と呼ぶ。保存すると、すぐに見つかる。')), (83, 694, 11, u('次の段落は一字下げて始まり、行の途中で折り返されても、言葉はつな')),
                 (72, 676, 11, u('がったまま読まれる。'))])
save('japanese.pdf', document([content], [JA[0] % 7, JA[1] % 8, JA[2]]))


def rc4(key, data):
    s, j, out = list(range(256)), 0, bytearray()
    for i in range(256):
        j = (j + s[i] + key[i % len(key)]) % 256
        s[i], s[j] = s[j], s[i]
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + s[i]) % 256
        s[i], s[j] = s[j], s[i]
        out.append(byte ^ s[(s[i] + s[j]) % 256])
    return bytes(out)


# Standard security handler, revision 2 (PDF 1.4, 3.5.2), user password "secret".
PAD = bytes.fromhex('28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A')
word, ident = (b'secret' + PAD)[:32], b'0123456789abcdef'
owner = rc4(hashlib.md5(word).digest()[:5], word)
key = hashlib.md5(word + owner + (0xFFFFFFFC).to_bytes(4, 'little') + ident).digest()[:5]
user = rc4(key, PAD)
secret = b'/ID[<%s><%s>]/Encrypt<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>' % (ident.hex().encode(), ident.hex().encode(), owner.hex().encode(), user.hex().encode())
save('encrypted.pdf', document([first], HELVETICA, None, secret))

save('picture.txt', b'\x89PNG\r\n\x1a\n\0\0\0\rIHDR')
save('old.rtf', '{\\rtf1 words}')
save('blank.md', ' \n\n\t\n')
