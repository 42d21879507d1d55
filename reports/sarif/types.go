package sarif

// What is used of the SARIF 2.1.0 object model, in its names.

type log struct {
	Schema  string `json:"$schema"`
	Version string `json:"version"`
	Runs    []*run `json:"runs"`
}

type run struct {
	Tool              tool              `json:"tool"`
	Invocations       []invocation      `json:"invocations"`
	AutomationDetails automationDetails `json:"automationDetails"`
	Artifacts         []artifact        `json:"artifacts,omitempty"`
	ColumnKind        string            `json:"columnKind"`
	Results           []result          `json:"results"`
}

type automationDetails struct {
	ID string `json:"id"`
}

type tool struct {
	Driver driver `json:"driver"`
}

type driver struct {
	Name            string       `json:"name"`
	SemanticVersion string       `json:"semanticVersion"`
	InformationURI  string       `json:"informationUri"`
	Rules           []descriptor `json:"rules"`
	Notifications   []descriptor `json:"notifications,omitempty"`
}

type descriptor struct {
	ID               string          `json:"id"`
	Name             string          `json:"name,omitempty"`
	ShortDescription *message        `json:"shortDescription,omitempty"`
	FullDescription  *message        `json:"fullDescription,omitempty"`
	Help             *message        `json:"help,omitempty"`
	Properties       *ruleProperties `json:"properties,omitempty"`
}

type ruleProperties struct {
	Tags             []string `json:"tags"`
	Precision        string   `json:"precision"`
	SecuritySeverity string   `json:"security-severity"`
}

type message struct {
	Text     string `json:"text"`
	Markdown string `json:"markdown,omitempty"`
}

type artifact struct {
	Location artifactLocation  `json:"location"`
	Roles    []string          `json:"roles"`
	Hashes   map[string]string `json:"hashes"`
}

type artifactLocation struct {
	URI string `json:"uri"`
}

type invocation struct {
	ExecutionSuccessful        bool           `json:"executionSuccessful"`
	ConfigurationNotifications []notification `json:"toolConfigurationNotifications,omitempty"`
	ExecutionNotifications     []notification `json:"toolExecutionNotifications,omitempty"`
}

type notification struct {
	Descriptor *reference `json:"descriptor,omitempty"`
	Level      string     `json:"level"`
	Message    message    `json:"message"`
	Locations  []location `json:"locations,omitempty"`
}

type reference struct {
	ID string `json:"id"`
}

type result struct {
	RuleID              string            `json:"ruleId"`
	RuleIndex           int               `json:"ruleIndex"`
	Level               string            `json:"level"`
	Message             message           `json:"message"`
	Locations           []location        `json:"locations"`
	PartialFingerprints map[string]string `json:"partialFingerprints"`
	CodeFlows           []codeFlow        `json:"codeFlows,omitempty"`
	RelatedLocations    []location        `json:"relatedLocations,omitempty"`

	rank int // of the severity of its requirement: lower is worse
}

type codeFlow struct {
	ThreadFlows []threadFlow `json:"threadFlows"`
}

type threadFlow struct {
	Locations []threadFlowLocation `json:"locations"`
}

type threadFlowLocation struct {
	Location   location `json:"location"`
	Importance string   `json:"importance"`
}

type location struct {
	ID               int               `json:"id,omitempty"`
	PhysicalLocation *physicalLocation `json:"physicalLocation,omitempty"`
	Message          *message          `json:"message,omitempty"`
}

type physicalLocation struct {
	ArtifactLocation artifactLocation `json:"artifactLocation"`
	Region           region           `json:"region"`

	design *physicalLocation // of what was made from another file: where it stands in the design
}

type region struct {
	StartLine   int `json:"startLine"`
	StartColumn int `json:"startColumn"`
	EndLine     int `json:"endLine"`
	EndColumn   int `json:"endColumn"`
}
