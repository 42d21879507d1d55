"use strict";
// Lays out a graph of package layered by ELK, with distances as diagram has them.
const ELK = require("elkjs");
const graph = JSON.parse(require("fs").readFileSync(0, "utf8"));
const boxes = (graph.Boxes || []).map((b, i) => ({
  id: "b" + i, width: b.W, height: b.H, children: [],
  layoutOptions: b.Group ? { "elk.padding": "[top=38,left=16,bottom=16,right=16]", "elk.nodeSize.constraints": "MINIMUM_SIZE", "elk.nodeSize.minimum": `(${b.W},${b.H})` } : {},
}));
const root = {
  id: "root", children: [], edges: [],
  layoutOptions: {
    "elk.algorithm": "layered", "elk.direction": "RIGHT", "elk.edgeRouting": "ORTHOGONAL", "elk.hierarchyHandling": "INCLUDE_CHILDREN", "elk.randomSeed": "1",
    "elk.layered.thoroughness": "20", "elk.spacing.nodeNode": "22", "elk.layered.spacing.nodeNodeBetweenLayers": "40", "elk.spacing.edgeEdge": "10", "elk.layered.spacing.edgeEdgeBetweenLayers": "10",
  },
};
(graph.Boxes || []).forEach((b, i) => (b.Parent < 0 ? root : boxes[b.Parent]).children.push(boxes[i]));
(graph.Edges || []).forEach((e, i) => {
  const inside = (a, z) => { for (; a >= 0; a = graph.Boxes[a].Parent) if (a === z) return true; return false; };
  if (inside(e.From, e.To) || inside(e.To, e.From)) return; // neither draws these
  const labels = e.LabelW > 0 ? [{ text: "x", width: e.LabelW, height: e.LabelH }] : [];
  root.edges.push({ id: "e" + i, sources: ["b" + e.From], targets: ["b" + e.To], labels });
});
new ELK().layout(root).then((r) => {
  const at = { root: { x: 0, y: 0 } };
  const place = (n, x, y) => {
    at[n.id] = { x, y };
    for (const c of n.children || []) place(c, x + c.x, y + c.y);
  };
  place(r, 0, 0);
  const lines = r.edges.map((e) => {
    const o = at[e.container || "root"];
    return e.sections.flatMap((s) => [s.startPoint, ...(s.bendPoints || []), s.endPoint]).map((p) => ({ X: Math.round(o.x + p.x), Y: Math.round(o.y + p.y) }));
  });
  console.log(JSON.stringify({ W: Math.round(r.width), H: Math.round(r.height), Lines: lines }));
}).catch((e) => { console.error(e); process.exit(1); });
