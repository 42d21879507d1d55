package compose
import ("testing";"os";"fmt")
func TestTry(t *testing.T){ os.Chdir(os.Getenv("DIR"))
 p,err:=Read(func(n string)(string,error){b,err:=os.ReadFile(n);return string(b),err}, []string{os.Getenv("F")}, Options{})
 if err!=nil{t.Fatal(err)}
 os.WriteFile("shop.import.vbn",[]byte(p.Text([]string{"compose",os.Getenv("F")})),0o644); fmt.Println(p.Notes)
}
