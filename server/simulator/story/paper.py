"""A signed sheet as an office's scanner would make it: a small PDF with Chinese words."""


def paper(title: str, *lines: str) -> bytes:
    """One page: the title, then the lines; a reader draws them with its own Song typeface."""
    rows = [(22, 760, title)] + [(13, 712 - 26 * n, line) for n, line in enumerate(wrapped(lines))]
    drawn = "".join(f"BT /F1 {size} Tf 72 {y} Td <{line.encode('utf-16-be').hex()}> Tj ET\n" for size, y, line in rows)
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(drawn), drawn.encode()),
        b"<</Type/Font/Subtype/Type0/BaseFont/STSong-Light/Encoding/UniGB-UTF16-H/DescendantFonts[6 0 R]>>",
        b"<</Type/Font/Subtype/CIDFontType0/BaseFont/STSong-Light/FontDescriptor 7 0 R"
        b"/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 4>>/DW 1000>>",
        b"<</Type/FontDescriptor/FontName/STSong-Light/Flags 6/FontBBox[-25 -254 1000 880]/ItalicAngle 0/Ascent 880"
        b"/Descent -120/CapHeight 880/StemV 93>>",
    )
    whole, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(whole))
        whole += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return whole + b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (
        len(parts) + 1,
        table,
        len(parts) + 1,
        len(whole),
    )


def wrapped(lines: tuple[str, ...], wide: int = 34) -> list[str]:
    """The lines, cut where the page ends."""
    return [line[at : at + wide] for line in lines for at in range(0, max(1, len(line)), wide)]
