package imports

import (
	"cmp"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// Found is something in a directory that can be imported, as it is or once something else has been done.
type Found struct {
	What   string   // such as `compose project`
	Format string   // of `vauban import`
	Files  []string // relative to the directory
	Flags  []string // of the import, such as `--proto=demo.proto`
	Pipe   string   // a command whose output is imported; "" for none
	Take   bool     // whether it is to be imported
	Why    string   // not
}

// Command returns the words of the import, without `vauban import`.
func (f Found) Command() []string {
	files := f.Files
	if f.Pipe != "" {
		files = []string{"-"}
	}
	return append(append([]string{f.Format}, f.Flags...), files...)
}

// String says what was found.
func (f Found) String() string {
	files := Clean(strings.Join(f.Files, ", "))
	if len(f.Files) > 3 {
		files = fmt.Sprintf("%d files, such as %s", len(f.Files), Clean(f.Files[0]))
	}
	return f.What + ": " + files
}

// deployments are formats of which a design is made of one: two deployments are two designs.
var deployments = []string{"k8s", "compose", "terraform", "threagile", "otm", "threat-dragon"}

var (
	composeFile  = regexp.MustCompile(`^(docker-)?compose\.ya?ml$`)
	composeOther = regexp.MustCompile(`^(docker-)?compose[._-].+\.ya?ml$`)
	apiVersion   = regexp.MustCompile(`(?m)^apiVersion:\s*\S`)
	kindLine     = regexp.MustCompile(`(?m)^kind:\s*([A-Za-z]+)`)
	workload     = regexp.MustCompile(`(?m)^\s*kind:\s*(Deployment|StatefulSet|DaemonSet|ReplicaSet|Pod|Job|CronJob)\s*$`)
	aside        = regexp.MustCompile(`(^|/)(components|overlays|patches|examples?|tests?|testdata|docs?|templates|crds?)(/|$)`)
)

// Survey says what of some files, named from a directory, can be imported in one of these formats, and what of it is taken: one deployment, and what says what it carries. It looks into
// what may be something, by read, which returns "" for what cannot be read.
func Survey(names, formats []string, read func(string) string) []Found {
	var out []Found
	slices.Sort(names)
	compose := map[string]*Found{}
	manifests := map[string]*Found{}
	var protos, apis []string
	for _, n := range names {
		if dir := path.Dir(n); composeFile.MatchString(path.Base(n)) && compose[dir] == nil {
			compose[dir] = &Found{What: "compose project", Format: "compose", Files: []string{n}}
		}
	}
	for _, n := range names {
		dir, base := path.Split(n)
		dir = path.Clean(dir)
		ext := strings.ToLower(path.Ext(base))
		switch {
		case composeFile.MatchString(base):
		case composeOther.MatchString(base):
			switch {
			case compose[dir] != nil && strings.Contains(base, ".override."):
				compose[dir].Files = append(compose[dir].Files, n)
			case compose[dir] != nil:
				out = append(out, Found{What: "another compose file", Format: "compose", Files: append(slices.Clone(compose[dir].Files[:1]), n), Why: "it may be for another environment: a design of its own"})
			default:
				out = append(out, Found{What: "compose file", Format: "compose", Files: []string{n}, Why: "its name says that it is a variant"})
			}
		case base == "Chart.yaml":
			out = append(out, Found{What: "chart", Format: "k8s", Files: []string{n}, Pipe: "helm template " + shell(path.Dir(n)), Why: "it has to be rendered"})
		case base == "kustomization.yaml" || base == "kustomization.yml":
			if !aside.MatchString(dir) {
				out = append(out, Found{What: "kustomization", Format: "k8s", Files: []string{n}, Pipe: "kustomize build " + shell(path.Dir(n)), Why: "it has to be built"})
			}
		case ext == ".proto":
			protos = append(protos, n)
		case ext == ".tf":
			if !slices.ContainsFunc(out, func(f Found) bool { return f.Format == "terraform" }) {
				out = append(out, Found{What: "Terraform", Format: "terraform", Files: []string{n}, Pipe: "terraform show -json plan", Why: "its plan is imported: `terraform plan -out plan`"})
			}
		case ext == ".yaml" || ext == ".yml" || ext == ".json":
			text := read(n)
			switch {
			case text == "":
			case template(text) > 0:
			case apiVersion.MatchString(text) && kindLine.MatchString(text) && ext != ".json":
				if m := kindLine.FindStringSubmatch(text); m[1] == "Kustomization" || m[1] == "Component" || aside.MatchString(dir) {
					continue
				}
				if manifests[dir] == nil {
					manifests[dir] = &Found{What: "Kubernetes manifests", Format: "k8s"}
				}
				manifests[dir].Files = append(manifests[dir].Files, n)
			case strings.Contains(text, "threagile_version"):
				out = append(out, Found{What: "Threagile model", Format: "threagile", Files: []string{n}})
			case strings.Contains(text, "otmVersion"):
				out = append(out, Found{What: "Open Threat Model", Format: "otm", Files: []string{n}})
			case ext == ".json" && strings.Contains(text, `"detail"`) && strings.Contains(text, `"diagrams"`) && strings.Contains(text, `"summary"`):
				out = append(out, Found{What: "Threat Dragon model", Format: "threat-dragon", Files: []string{n}})
			case regexp.MustCompile(`(?m)^\s*"?(openapi|swagger)"?\s*:`).MatchString(text):
				apis = append(apis, n)
			}
		}
	}
	for _, m := range []map[string]*Found{manifests, compose} {
		for _, f := range m {
			out = append(out, *f)
		}
	}
	for i, f := range out {
		if f.Format == "k8s" && f.Pipe == "" && !slices.ContainsFunc(f.Files, func(n string) bool { return workload.MatchString(read(n)) }) {
			out[i].Why = "no program is in it"
		}
	}
	for i, f := range out { // a directory of manifests goes by its name, if nothing else is in it
		dir := path.Dir(f.Files[0])
		if f.What != "Kubernetes manifests" || dir == "." {
			continue
		}
		if !slices.ContainsFunc(names, func(n string) bool {
			return strings.HasPrefix(n, dir+"/") && strings.HasPrefix(path.Ext(n), ".y") && !slices.Contains(f.Files, n) && !strings.HasPrefix(path.Base(n), "kustomization.")
		}) {
			out[i].Files = []string{dir}
		}
	}
	out = slices.DeleteFunc(out, func(f Found) bool { return !slices.Contains(formats, f.Format) })
	depth := func(f Found) int { return strings.Count(f.Files[0], "/") }
	slices.SortStableFunc(out, func(a, b Found) int {
		return cmp.Or(cmp.Compare(slices.Index(deployments, a.Format), slices.Index(deployments, b.Format)), cmp.Compare(len(a.Why), len(b.Why)), cmp.Compare(depth(a), depth(b)), cmp.Compare(a.Files[0], b.Files[0]))
	})
	taken := false
	for i := range out {
		switch f := &out[i]; {
		case f.Why != "":
		case taken:
			f.Why = "another deployment or model: a design of its own"
		default:
			f.Take, taken = true, true
		}
	}
	if len(protos)+len(apis) > 0 && slices.Contains(formats, "data") {
		f := Found{What: "interfaces", Format: "data", Files: append(slices.Clone(protos), apis...), Take: taken, Why: "it says what calls carry, and there is no deployment here that makes them"}
		out = append(out, f)
	}
	return out
}

// shell quotes a path for a shell.
func shell(p string) string {
	if regexp.MustCompile(`^[A-Za-z0-9_./-]+$`).MatchString(p) {
		return p
	}
	return "'" + strings.ReplaceAll(p, "'", `'\''`) + "'"
}

// Shell returns what somebody types in a directory to import it.
func (f Found) Shell(out string) string {
	words := f.Command()
	for i, w := range words {
		words[i] = shell(w)
	}
	text := "vauban import " + strings.Join(words, " ") + " --out " + shell(out)
	if f.Pipe != "" {
		text = f.Pipe + " | " + text
	}
	return text
}
