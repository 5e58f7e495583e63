"""The look of pages: black on white, nothing that a copier or a poor printer would swallow.

Sizes are millimetres and points, as printers know them. Every field of other people's words is clipped to its own
box: a name with marks piled up on it covers nothing beside it.
"""

from typing import Final

STYLE: Final = """\
*{box-sizing:border-box;margin:0;padding:0}
html{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{background:#fff;color:#000;font:9pt/1.35 "Noto Sans","Segoe UI","Helvetica Neue",Arial,sans-serif}
.page{position:relative;overflow:hidden;break-after:page;padding:7mm;display:flex;flex-direction:column;gap:2mm}
.page:last-child{break-after:auto}
.two{flex-direction:row;gap:5mm}
.words{flex:1;min-width:0;display:flex;flex-direction:column;gap:1.6mm}
.side{width:min-content;min-width:60mm;display:flex;flex-direction:column;gap:1mm;flex:none}
svg{display:block}
.top{display:flex;justify-content:space-between;align-items:baseline;gap:4mm;border-bottom:.5mm solid #000}
h1{font-size:14pt;line-height:1.2;font-weight:700;white-space:nowrap}
.no{font:10pt/1.2 "Noto Sans Mono","DejaVu Sans Mono",Consolas,monospace;white-space:nowrap}
.row{display:flex;gap:3mm;align-items:baseline}
.label{flex:none;width:23mm;font-size:8pt;color:#000}
.value{flex:1;min-width:0;overflow:hidden;overflow-wrap:anywhere}
.name{display:block;font-size:12pt;line-height:1.3;font-weight:600;overflow:hidden;overflow-wrap:anywhere;
max-height:2.6em}
.note{font-size:8pt;font-weight:400}
.small{font-size:9.5pt}
.long{font-size:7.5pt;max-height:2.6em}
.print{display:block;font:8pt/1.3 "Noto Sans Mono","DejaVu Sans Mono",Consolas,monospace;white-space:nowrap}
.narrow .print{white-space:normal}
.sum{display:flex;align-items:center;gap:4mm}
.figures{flex:none;white-space:nowrap;border:.5mm solid #000;padding:.6mm 3mm;font-size:15pt;line-height:1.3;
font-weight:700;overflow:hidden}
.under{flex-direction:column;align-items:flex-start;gap:1mm}
.wide{font-size:12pt}
.inwords{flex:1;min-width:0;overflow:hidden;overflow-wrap:anywhere;font-size:9.5pt;line-height:1.25}
.under .inwords{flex:none;width:100%}
.wordy{font-size:7.5pt}
.tiny{font-size:7pt;line-height:1.3}
.advice{margin-top:auto;border-top:.25mm solid #000;padding-top:1mm}
.row:has(.lines):has(+.advice){flex-shrink:1;min-height:0;overflow:hidden}
.advice{flex:none}
.advice p{white-space:pre-line}
code{font:600 1em "Noto Sans Mono","DejaVu Sans Mono",Consolas,monospace}
.only{font-weight:700}
.middle svg{margin:auto}
.grid{position:relative}
.cell{position:absolute;display:flex;flex-direction:column;align-items:center}
.lines{display:flex;flex-direction:column;gap:.8mm;overflow:hidden}
.seeds{columns:2;column-gap:6mm;font:9.5pt/1.4 "Noto Sans Mono","DejaVu Sans Mono",Consolas,monospace}
.seeds div{display:flex;gap:2mm;break-inside:avoid}
.seeds .place{width:2.2em;text-align:end;font-size:8pt}
.seeds .digits{margin-inline-start:auto;font-size:8pt}
@media screen{body{background:#bbb}.page{background:#fff;margin:4mm auto}}
"""
